//! The embedded network.

use candle_core::Device;
use robust::evaluation::evaluate;
use robust::network::{Checkpoint, StyleMemory};
use robust_data::pretrained::pretrained;
use robust_data::{Dataset, SplitName};

fn embedded() -> Checkpoint {
    Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap()
}

#[test]
fn the_embedded_network_is_as_good_as_it_says() {
    let checkpoint = embedded();
    let network = StyleMemory::new(&checkpoint.parameters, &Device::Cpu).unwrap();
    let mnist = Dataset::open("mnist", None).unwrap();
    let (test, _) = (mnist.split(SplitName::Test).unwrap(), mnist.split(SplitName::Train).unwrap());
    let found = evaluate(&network, &test, &Device::Cpu).unwrap();
    let metadata = &checkpoint.metadata;
    assert!((found.accuracy - metadata.test_accuracy.unwrap()).abs() < 1e-9, "{found:?}");
    assert!((found.reconstruction - metadata.test_reconstruction.unwrap()).abs() < 1e-3, "{found:?}");
    assert!(found.accuracy >= 0.992 && found.reconstruction <= 9.0, "{found:?}");
    assert_eq!(metadata.data_hashes, mnist.hashes());
}
