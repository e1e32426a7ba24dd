//! [`Shards`]: all shards of a run, found to belong together, whole and each there once.

use std::collections::BTreeMap;
use std::iter::StepBy;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use robust_data::{ImageShape, MAX_IMAGES, read_file};
use serde::Deserialize;

use super::agreement::Common;
use super::pixels::Pixels;
use crate::cli::finished::{are_same_files, read_images};
use crate::evaluation::RunInfo;
use crate::files::{Files, Found, Hashes, SHARD_SUMMARY, refused, writer_of};
use crate::report::{MAX_SUMMARY_BYTES, ShardSummary};
use crate::words::first_of;

/// Numbers of shards that a message lists at most.
const LISTED: usize = 12;

/// All shards of a run.
pub(crate) struct Shards {
    /// What the first says.
    pub(crate) first: ShardSummary,
    /// Sums over all of what their summaries say of each set.
    pub(crate) sums: Vec<Sums>,
    /// Sum of the wall times.
    pub(crate) seconds: f64,
    /// In the order of their numbers.
    folders: Vec<PathBuf>,
    /// How many images there are in all.
    images: usize,
    /// Each with a folder that was computed with it.
    instruction_sets: BTreeMap<String, PathBuf>,
}

/// Places of a shard's images among all.
pub(super) type Places = StepBy<Range<usize>>;

/// What does not follow from the rows of a set.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) fooled_model: usize,
    pub(crate) zero_gradient: usize,
    pub(crate) nan_gradient: usize,
    pub(crate) seconds: f64,
}

/// What is read of `shard.json` whatever wrote it.
#[derive(Deserialize)]
struct Made {
    run: MadeBy,
}

#[derive(Deserialize)]
struct MadeBy {
    version: String,
}

/// The same when it is of this version.
#[derive(Deserialize)]
struct Read {
    #[serde(flatten)]
    summary: ShardSummary,
    files: Files,
}

impl Shards {
    /// The shards in these folders.
    ///
    /// # Errors
    /// A folder is no shard, or not whole, or not one of the same run; a shard is missing or there twice; instruction sets are `mixed` and may
    /// not be.
    pub(crate) fn gather(folders: &[PathBuf], mixed: bool) -> Result<Self> {
        let mut found: Option<(PathBuf, Common, RunInfo)> = None;
        let (mut first, mut sums, mut seconds, mut images) = (None, Vec::new(), 0.0, 0);
        let mut numbered: Vec<Option<(PathBuf, usize)>> = Vec::new();
        let mut instruction_sets = BTreeMap::new();
        for folder in folders {
            let Read { summary, files } = read(folder)?;
            let shown = folder.display();
            let shard = summary
                .run
                .shard
                .with_context(|| format!("{shown}: {SHARD_SUMMARY} does not say which shard it is"))?;
            let common = Common::of(&summary)?;
            match &found {
                None => {
                    numbered.resize(shard.count(), None);
                    sums.resize(summary.sets.len(), Sums::default());
                    found = Some((folder.clone(), common, summary.run.clone()));
                }
                Some((other, wanted, run)) => {
                    let differs = "shards of one run differ in nothing but their images";
                    if let Some(difference) = wanted.difference(&common, other) {
                        bail!("{shown} was made with {difference}: {differs}");
                    }
                    ensure!(
                        are_same_files(&run.data_sha256, &summary.run.data_sha256),
                        "{shown} was made of other data files than {}: {differs}",
                        other.display()
                    );
                }
            }
            let place = &mut numbered[shard.number() - 1];
            if let Some((other, _)) = place {
                bail!("{} and {shown} are both shard {shard}: name each once", other.display());
            }
            images += summary.run.images.min(MAX_IMAGES + 1);
            ensure!(
                images <= MAX_IMAGES,
                "{shown}: with its {} images there are more than {MAX_IMAGES}",
                summary.run.images
            );
            *place = Some((folder.clone(), summary.run.images));
            check_files(folder, &summary, &files)?;
            for (sums, set) in sums.iter_mut().zip(&summary.sets) {
                sums.fooled_model += set.fooled_model;
                sums.zero_gradient += set.made.zero_gradient;
                sums.nan_gradient += set.made.nan_gradient;
                sums.seconds += set.seconds;
            }
            seconds += summary.seconds;
            for set in &summary.run.instruction_sets {
                instruction_sets.entry(set.clone()).or_insert_with(|| folder.clone());
            }
            if shard.number() == 1 {
                first = Some(summary);
            }
        }
        let count = numbered.len();
        let missing: Vec<usize> = (1..=count).filter(|number| numbered[number - 1].is_none()).collect();
        if !missing.is_empty() {
            let (is, them) = if missing.len() == 1 { ("shard", "is") } else { ("shards", "are") };
            let all = "name the folders of all, and run those again that did not finish";
            bail!("{is} {} of {count} {them} missing: {all}", first_of(&missing, LISTED));
        }
        if instruction_sets.len() > 1 && !mixed {
            let with = instruction_sets.iter().map(|(set, folder)| format!("{set} ({})", folder.display()));
            let with = with.collect::<Vec<_>>().join(" and ");
            bail!(
                "the shards were computed with {with}, whose bits differ from those of any one machine; --mixed merges them all the same, and the summaries say so"
            );
        }
        let (folders, sizes): (Vec<PathBuf>, Vec<usize>) = numbered.into_iter().flatten().unzip();
        let shares = |number: usize| (number..images).step_by(count).len();
        if let Some(odd) = (0..count).find(|&number| shares(number) != sizes[number]) {
            let (folder, found, expected) = (folders[odd].display(), sizes[odd], shares(odd));
            bail!("{folder} holds {found} images, and its share of {images} in all is {expected}: its data are others");
        }
        let first = first.context("no shard is named")?;
        Ok(Self { first, sums, seconds, folders, images, instruction_sets })
    }

    /// What the summaries of the whole say of the run.
    pub(crate) fn run(&self) -> RunInfo {
        let mixed = self.instruction_sets.len() > 1;
        let instruction_sets = if mixed { self.instruction_sets.keys().cloned().collect() } else { Vec::new() };
        RunInfo { images: self.images, shard: None, instruction_sets, ..self.first.run.clone() }
    }

    pub(crate) fn shape(&self) -> ImageShape {
        let [channels, height, width] = self.first.run.shape;
        ImageShape { channels, height, width }
    }

    /// How many images there are in all.
    pub(super) fn images(&self) -> usize {
        self.images
    }

    /// Every shard in turn, with the places of its images among all.
    pub(super) fn each(&self, mut work: impl FnMut(&Path, Places) -> Result<()>) -> Result<()> {
        let count = self.folders.len();
        for (number, folder) in self.folders.iter().enumerate() {
            work(folder, (number..self.images.max(number)).step_by(count))?;
        }
        Ok(())
    }

    /// What `read` makes of each shard, one for each of its images, of which it is told how many there are: put together in the order of the
    /// images.
    pub(crate) fn undealt<T>(&self, read: impl Fn(&Path, usize) -> Result<Vec<T>>) -> Result<Vec<T>> {
        let mut whole: Vec<Option<T>> = Vec::new();
        whole.resize_with(self.images, || None);
        self.each(|folder, places| {
            let found = read(folder, places.len())?;
            let (count, expected) = (found.len(), places.len());
            ensure!(count == expected, "{}: {count} rows for {expected} images", folder.display());
            for (place, row) in places.zip(found) {
                whole[place] = Some(row);
            }
            Ok(())
        })?;
        Ok(whole.into_iter().flatten().collect())
    }

    /// The images in the array `key` of the shards' files of that name; they wait on the disk, in the folder `beside`.
    pub(crate) fn pixels(&self, file: &str, key: &str, beside: &Path) -> Result<Pixels> {
        let shape = self.shape();
        let mut pixels = Pixels::new(beside, shape).map_err(refused(beside))?;
        self.each(|folder, places| {
            let images = read_images(&folder.join(file), key, shape, places.len())?;
            for (place, image) in places.zip(images.pixels().chunks(shape.values())) {
                pixels.put(place, image).map_err(refused(beside))?;
            }
            Ok(())
        })?;
        Ok(pixels)
    }
}

/// The summary in the folder.
fn read(folder: &Path) -> Result<Read> {
    let (path, shown) = (folder.join(SHARD_SUMMARY), folder.display());
    ensure!(folder.is_dir(), "{shown} is no folder; name the folders of the shards");
    if let Some(writer) = writer_of(folder) {
        bail!("{shown} is being written to by {writer}: wait until it ends");
    }
    ensure!(
        path.exists(),
        "{shown} has no {SHARD_SUMMARY}: it is no shard, or one that did not finish; run its command again"
    );
    let bytes = read_file(&path, MAX_SUMMARY_BYTES)?;
    let own = env!("CARGO_PKG_VERSION");
    let broken = || format!("{}: not what `robust` writes; copy it again, or run the shard again", path.display());
    let Made { run: MadeBy { version } } = serde_json::from_slice(&bytes).with_context(broken)?;
    ensure!(
        version == own,
        "{shown} was made by robust {version}, and this is {own}: merge with the version that made the shards"
    );
    let read: Read = serde_json::from_slice(&bytes).with_context(broken)?;
    // They become names of folders.
    let is_name = |name: &str| {
        let mut parts = Path::new(name).components();
        matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) && !name.contains('\\')
    };
    let sets = || read.summary.sets.iter().map(|set| set.made.set.to_string());
    if let Some(name) = sets().find(|name| !is_name(name)) {
        bail!("{}: '{name}' is not the name of a set", path.display());
    }
    Ok(read)
}

/// An error if a file of a shard is not the one that its summary vouches for.
fn check_files(folder: &Path, summary: &ShardSummary, files: &Files) -> Result<()> {
    let (hashes, shown) = (Hashes::default(), folder.display());
    for name in summary.command.files(summary.sets.iter().map(|set| &set.made.set)) {
        let path = folder.join(&name);
        let again = "copy it again, or run the shard again";
        let Some(sha256) = files.get(&name) else {
            bail!("{shown}: {SHARD_SUMMARY} does not vouch for {name}; run the shard again")
        };
        match hashes.find(folder, &name, sha256) {
            Found::Same => {}
            Found::Other => bail!("{} is not the file that {SHARD_SUMMARY} vouches for: {again}", path.display()),
            Found::Nothing => bail!("{} is missing, which {SHARD_SUMMARY} vouches for: {again}", path.display()),
        }
    }
    Ok(())
}
