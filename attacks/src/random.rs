//! Reproducible randomness: one seed, named streams, one generator per image.
//!
//! A stream is keyed by the seed, what it is for, and the keys of the thing drawn for (an image's index, a restart). An
//! attack on image 7 therefore draws the same numbers whatever else is in its batch and in whatever order batches run.
//! The generator is ChaCha with 8 rounds: fast, portable, the same bytes on every machine.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The generator for `purpose` ("init", "shuffle", "noise", "attack", ...) and `keys` under `seed`.
///
/// Distinct purposes or keys give independent streams.
#[must_use]
pub fn stream(seed: u64, purpose: &str, keys: &[u64]) -> ChaCha8Rng {
    let bytes = purpose.bytes().map(u64::from);
    let words = bytes.chain([u64::MAX]).chain(keys.iter().copied());
    let mut key = [mix(seed), mix(!seed), mix(seed.rotate_left(32)), mix(seed ^ 0x5851_f42d_4c95_7f2d)];
    for (position, word) in words.enumerate() {
        for (lane, state) in key.iter_mut().enumerate() {
            *state = mix(*state ^ mix(word.wrapping_add((position * 4 + lane) as u64)));
        }
    }
    let mut seed = [0; 32];
    for (chunk, word) in seed.chunks_exact_mut(8).zip(key) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(seed)
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection that spreads every input bit.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::stream;
    use rand::Rng;

    #[test]
    fn streams_differ_in_seed_purpose_and_keys_and_repeat() {
        let first = |seed, purpose, keys: &[u64]| stream(seed, purpose, keys).random::<u64>();
        let base = first(1, "attack", &[7, 0]);
        assert_eq!(base, first(1, "attack", &[7, 0]));
        for other in [
            first(2, "attack", &[7, 0]),
            first(1, "noise", &[7, 0]),
            first(1, "attack", &[8, 0]),
            first(1, "attack", &[0, 7]),
            first(1, "attack", &[7]),
        ] {
            assert_ne!(base, other);
        }
    }
}
