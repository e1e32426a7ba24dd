//! `robust explore`: a page on this computer to draw on, to attack and to watch the detectors from.

use std::io::{self, ErrorKind, Write, stdout};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use crate::cli::bench::Bench;
use crate::cli::flags::number::port;
use crate::cli::flags::{CommonFlags, FlaggingFlags, ImageFlags};
use crate::cli::out::{note, say};
use crate::cli::session::Session;
use crate::cli::usage::Interrupted;
use crate::explore::{Ending, Framing, Studio, open};

/// Images that a thread takes at once.
const BATCH: usize = 64;

#[derive(Debug, Args)]
pub(crate) struct ExploreFlags {
    /// Port on 127.0.0.1 [default: a free one]
    #[arg(long, value_name = "N", value_parser = port, help_heading = "Page")]
    port: Option<u16>,
    #[command(flatten)]
    flagging: FlaggingFlags,
    #[command(flatten)]
    common: CommonFlags,
    #[command(flatten)]
    images: ImageFlags,
}

pub(crate) fn run(flags: &ExploreFlags) -> Result<()> {
    let session = Session::of(&flags.common, &flags.images, BATCH, None)?;
    let subject = &session.subject;
    let bench = Bench::open(subject, &flags.flagging, &[], || session.validation())?;
    let studio = Studio {
        network: &subject.network,
        device: &subject.device,
        screen: &bench.screen,
        gauges: &bench.flagging.gauges,
        chosen: bench.flagging.chosen,
        scores: &bench.calibration.scores,
        split: &session.split,
        class_names: &session.class_names,
        run: session.info(),
        framing: Framing::for_network(session.shape(), &session.split),
        predictions: OnceLock::new(),
    };
    // Before there is a port: whoever can connect can also end the page.
    let ending = Ending::listen().context("signals cannot be heard")?;
    let port = flags.port.unwrap_or(0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("--port {port} of 127.0.0.1 cannot be used; leave it out for a free one"))?;
    let address = format!("http://{}/", listener.local_addr().context("the port is unknown")?);
    let announcement =
        if flags.common.json { json!({ "address": address, "run": studio.run }).to_string() } else { address };
    let end = open(&studio, &subject.pool, listener, &ending, || {
        say(announcement).and_then(|()| flushed()).map_err(io::Error::other)?;
        note(flags.common.quiet, "open the address in a browser; Ctrl-C ends");
        Ok(())
    })?;
    Err(Interrupted(end.exit_code()).into())
}

/// Whoever waits for the address reads it from a pipe, and may have closed it.
fn flushed() -> Result<()> {
    match stdout().flush() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("the address cannot be printed"),
        _ => Ok(()),
    }
}
