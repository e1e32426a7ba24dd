//! What is looked at before somebody's own classifier is attacked: whether it knows these classes, in this order, and takes pixels as they come.

use anyhow::{Result, anyhow, bail};
use candle_core::Device;
use robust_attacks::Model;
use robust_data::{Dataset, Split};
use robust_networks::{Classifier, Preprocessing};

use super::network_file::NetworkFile;
use super::out::note;
use super::subject::Subject;
use crate::onnx_file::classifier;
use crate::probe::{LOOKED_AT, Probe, is_near_chance, right};
use crate::settings::Settings;
use crate::words::of_clean_images;

/// Which class of a network each label of a dataset is.
pub(crate) struct Relabelling {
    /// For each label the network's class.
    pub(crate) classes: Vec<u32>,
}

impl Relabelling {
    /// As the names say that lie beside an ONNX file, if some do.
    pub(crate) fn of(file: &NetworkFile, dataset: &Dataset) -> Result<Option<Self>> {
        let Some((_, settings)) = file.lowered().filter(|(_, settings)| !settings.classes.is_empty()) else {
            return Ok(None);
        };
        let known = file.metadata().classes;
        if settings.classes.len() != known {
            let (path, found) = (Settings::path(file.name.as_ref()), settings.classes.len());
            bail!("{}: found {found} classes, expected {known}, as many as the network's logits", path.display());
        }
        let class = |name: &String| {
            let at = settings.classes.iter().position(|class| class == name);
            at.map(|at| at as u32).ok_or_else(|| {
                let path = Settings::path(file.name.as_ref());
                anyhow!("dataset {} has a class {name}, which {} does not name", dataset.name(), path.display())
            })
        };
        dataset.class_names().iter().map(class).collect::<Result<_>>().map(|classes| Some(Self { classes }))
    }
}

/// A look at how the network of a file, `plain` without preprocessing, takes images, in the other layout too where it can.
pub(crate) fn probe(
    file: &NetworkFile,
    plain: &Classifier,
    images: &Split,
    class_names: &[String],
    given: &Preprocessing,
    device: &Device,
) -> Result<Probe> {
    let other = file.other_layout().map(|(layout, lowered)| {
        classifier(&lowered, &Preprocessing::default(), device).map(|network| (layout, network))
    });
    let other = other.transpose()?;
    let other = other.as_ref().map(|(layout, network)| (*layout, network as &dyn Model));
    Probe::new(plain, other, images, class_names, given, device)
}

/// Refuses a network that does no better than chance on some validation images, with what other preprocessings would do.
pub(crate) fn check_answers(
    subject: &Subject,
    file: &NetworkFile,
    validation: Result<Split>,
    class_names: &[String],
) -> Result<()> {
    let Some((lowered, settings)) = file.lowered() else { return Ok(()) };
    let images = match validation {
        Ok(validation) => validation.sample(LOOKED_AT),
        Err(error) => {
            note(
                subject.quiet,
                format_args!("{}: not looked at before it is attacked, for want of images ({error:#})", subject.name),
            );
            return Ok(());
        }
    };
    let right = subject.pool.install(|| right(&subject.network, &images, &subject.device))?;
    let classes = subject.network.signature().classes;
    if !is_near_chance(right, images.len(), classes) {
        return Ok(());
    }
    let plain = classifier(lowered, &Preprocessing::default(), &subject.device)?;
    let probe = || probe(file, &plain, &images, class_names, &settings.preprocessing, &subject.device);
    let probe = subject.pool.install(probe)?;
    bail!(
        "{}: right on {right} of {}, hardly more than one who guesses among {classes} classes: {}; `robust inspect` tells more, --force goes on",
        subject.name,
        of_clean_images(images.len()),
        probe.advice()
    )
}
