//! The page of `robust explore`: what it may ask, and who answers.
//!
//! A question comes in over HTTP (`server`, behind a guard), waits in one of two lanes (`queue`) and is answered by a
//! [`Studio`] on the threads of its lane, as long as its `Asker` waits: what the network and all detectors see of an image (`look`), what the network draws
//! (`draw`), what an attack makes of the image (`attack`), images of the split (`pick`), and all of it as a file (`case`).
//! Images come as positions in the split, as pixels, or, where they are written characters (grey, 28x28), as strokes, which [`Framing`]
//! lays out like those of the dataset.
//!
//! The server knows nothing of networks, and the studio nothing of HTTP. It is not made to be reached from elsewhere: it listens
//! on the loopback address only, and answers its own page only.

mod answer;
mod asker;
mod attack;
mod case;
mod connections;
mod draw;
mod end;
mod film;
mod framing;
mod guard;
mod look;
mod page;
mod patient;
mod pick;
mod question;
mod queue;
mod server;
mod source;
mod strokes;
mod studio;
mod workers;

pub(crate) use end::Ending;
pub(crate) use framing::Framing;
pub(crate) use studio::Studio;
pub(crate) use workers::open;
