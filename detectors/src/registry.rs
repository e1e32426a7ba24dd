//! The list of the detectors that exist.

use crate::{
    Alternative, Combined, Cycle, DetectorInfo, Energy, Entropy, Error, Gini, Magnet, Making, Margin, Msp, Needs,
    Reason, Reconstruction, RelU, SecondOpinion, Squeeze, Tampered, TwoWay, Wrong,
};

const QIN: &str = "Qin, Frosst, Sabour, Raffel, Cottrell and Hinton 2020";
const HENDRYCKS: &str = "Hendrycks and Gimpel 2017";

static DETECTORS: [DetectorInfo; 16] = [
    DetectorInfo {
        id: Combined::ID,
        score: "-log2 min(P_w / a, P_t / b), P the share of clean images above the score of wrong, of tampered",
        summary: "the prediction will turn out wrong, or the image was tampered with",
        source: "ours, from wrong and tampered",
        needs: Needs::LogitsOrMore,
        making: Making::Fitted { fit: Combined::fit, restore: Combined::restore, remembers: true },
        by_default: true,
        reason: Reason::Unlike,
        parts: &Combined::NAMES,
    },
    DetectorInfo {
        id: Wrong::ID,
        score: "w_1 log odds against p by the softmax + w_2 log odds against p given all e_k + b",
        summary: "the prediction will turn out wrong: classifier and drawings doubt it",
        source: "ours, after Genest and Zidek 1986",
        needs: Needs::LogitsOrMore,
        making: Making::Fitted { fit: Wrong::fit, restore: Wrong::restore, remembers: true },
        by_default: true,
        reason: Reason::Unsure,
        parts: &[],
    },
    DetectorInfo {
        id: Tampered::ID,
        score: "sum of -log2 of the shares of clean images above alternative, above magnet's errors, above its divergences or the odds lost to non-local means, each times the squared kappa of its second opinion on the label",
        summary: "the image was tampered with: it is not made like clean images, or another label explains it better",
        source: "ours, after Fisher 1932 and Cohen 1960",
        needs: Needs::LogitsOrMore,
        making: Making::Fitted { fit: Tampered::fit, restore: Tampered::restore, remembers: false },
        by_default: true,
        reason: Reason::Unlike,
        parts: &[],
    },
    DetectorInfo {
        id: Reconstruction::ID,
        score: "e_p",
        summary: "the image is not a typical p",
        source: QIN,
        needs: Needs::Decoder,
        making: Making::Plain(|| Box::new(Reconstruction)),
        by_default: true,
        reason: Reason::Unlike,
        parts: &[],
    },
    DetectorInfo {
        id: Alternative::ID,
        score: "e_p / min over k != p of e_k",
        summary: "another label explains the image better",
        source: QIN,
        needs: Needs::Decoder,
        making: Making::Plain(|| Box::new(Alternative)),
        by_default: true,
        reason: Reason::AnotherLabel,
        parts: &[],
    },
    DetectorInfo {
        id: Cycle::ID,
        score: "1 - softmax_p of the re-encoded decode(onehot p, m)",
        summary: "the reconstruction is classified differently",
        source: QIN,
        needs: Needs::Decoder,
        making: Making::Plain(|| Box::new(Cycle)),
        by_default: true,
        reason: Reason::AnotherLabel,
        parts: &[],
    },
    DetectorInfo {
        id: TwoWay::ID,
        score: "log(E_p / min over k != p of E_k), E_k the least e_k + prior after steps on m",
        summary: "another label explains the image better in a style of its own",
        source: "Wiyatno and Orchard 2018",
        needs: Needs::Decoder,
        making: Making::Fitted { fit: TwoWay::fit, restore: TwoWay::restore, remembers: false },
        by_default: false,
        reason: Reason::AnotherLabel,
        parts: &[],
    },
    DetectorInfo {
        id: Msp::ID,
        score: "log(1 - softmax_p)",
        summary: "baseline: the classifier is not sure",
        source: HENDRYCKS,
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Msp)),
        by_default: true,
        reason: Reason::Unsure,
        parts: &[],
    },
    DetectorInfo {
        id: Entropy::ID,
        score: "-sum over k of softmax_k log softmax_k",
        summary: "baseline: the classifier wavers between labels",
        source: "Smith and Gal 2018",
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Entropy)),
        by_default: true,
        reason: Reason::Unsure,
        parts: &[],
    },
    DetectorInfo {
        id: Margin::ID,
        score: "max over k != p of z_k - z_p",
        summary: "baseline: the second label is close behind",
        source: "Liang, Peng and Sun 2024",
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Margin)),
        by_default: false,
        reason: Reason::Unsure,
        parts: &[],
    },
    DetectorInfo {
        id: Energy::ID,
        score: "-log sum over k of exp z_k",
        summary: "baseline: the logits are small",
        source: "Liu, Wang, Owens and Li 2020",
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Energy)),
        by_default: false,
        reason: Reason::Unsure,
        parts: &[],
    },
    DetectorInfo {
        id: Gini::ID,
        score: "log((1 - g) / g), g = sum over k of softmax_k squared",
        summary: "baseline: the softmax is spread",
        source: "Granese and others 2021",
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Gini)),
        by_default: false,
        reason: Reason::Unsure,
        parts: &[],
    },
    DetectorInfo {
        id: RelU::ID,
        score: "log of softmax' D softmax, D from the labels that errors lie between",
        summary: "baseline: the softmax is spread over labels that are easily confused",
        source: "Gomes, Romanelli, Pichler and Piantanida 2024",
        needs: Needs::Logits,
        making: Making::Fitted { fit: RelU::fit, restore: RelU::restore, remembers: true },
        by_default: false,
        reason: Reason::Unsure,
        parts: &[],
    },
    DetectorInfo {
        id: SecondOpinion::ID,
        score: "log((1 - s_p) / s_p), s the softmax of a second network",
        summary: "baseline: a second network finds the prediction unlikely",
        source: "arXiv 2506.03765",
        needs: Needs::Logits,
        making: Making::Trained(SecondOpinion::restore),
        by_default: false,
        reason: Reason::Unsure,
        parts: &[],
    },
    DetectorInfo {
        id: Squeeze::ID,
        score: "max over squeezers of ||softmax(x) - softmax(squeeze(x))||_1",
        summary: "baseline: the classifier changes its mind over a simpler image",
        source: "Xu, Evans and Qi 2018",
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Squeeze)),
        by_default: true,
        reason: Reason::Unlike,
        parts: &[],
    },
    DetectorInfo {
        id: Magnet::ID,
        score: "max over ||x - A(x)||_2 squared, ||x - A'(x)||_1 and JSD(softmax(z / T), softmax(z(A(x)) / T)) in clean quantiles",
        summary: "baseline: an autoencoder of clean images changes it, or what it is classified as",
        source: "Meng and Chen 2017",
        needs: Needs::Logits,
        making: Making::Fitted { fit: Magnet::fit, restore: Magnet::restore, remembers: false },
        by_default: true,
        reason: Reason::Unlike,
        parts: &[],
    },
];

/// All detectors, in the order in which reports list them.
#[must_use]
pub fn detectors() -> &'static [DetectorInfo] {
    &DETECTORS
}

/// What is known about the detector of that id.
///
/// # Errors
/// [`Error::UnknownDetector`], which lists the ids that exist.
pub fn detector(id: &str) -> Result<&'static DetectorInfo, Error> {
    let found = DETECTORS.iter().find(|info| info.id == id);
    found.ok_or_else(|| Error::UnknownDetector { id: id.into(), known: DETECTORS.iter().map(|info| info.id).collect() })
}

#[cfg(test)]
mod tests {
    use super::{detector, detectors};

    #[test]
    fn every_listed_id_finds_the_detector_of_that_id() {
        let ids: Vec<_> = detectors().iter().map(|info| info.id).collect();
        assert_eq!(
            ids,
            [
                "combined",
                "wrong",
                "tampered",
                "reconstruction",
                "alternative",
                "cycle",
                "two-way",
                "msp",
                "entropy",
                "margin",
                "energy",
                "gini",
                "rel-u",
                "second-opinion",
                "squeeze",
                "magnet"
            ]
        );
        for id in ids {
            assert_eq!(detector(id).unwrap().id, id);
        }
    }

    #[test]
    fn an_unknown_id_is_answered_with_those_that_exist() {
        let message = detector("psychic").err().unwrap().to_string();
        let expected = "no detector is called \"psychic\": choose one of combined, wrong, tampered, reconstruction, alternative, cycle, two-way, msp, entropy, margin, energy, gini, rel-u, second-opinion, squeeze, magnet";
        assert_eq!(message, expected);
    }
}
