//! The connections of the page: how many there may be, and how long each may keep the server waiting.

use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::end::Ending;
use super::patient::Patient;
use crate::signals::End;

/// Connections at once; a browser has six at most for all pages of an address. Most systems let a process have 1,024.
const MOST: usize = 256;
/// How long a client may take to ask, to take an answer, or to keep a connection that nothing is asked on.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// The same for one that is only told that there is no room.
const IMPATIENCE: Duration = Duration::from_secs(1);
/// How long to wait after the system could not give a connection: it has no more of something, which others may give back.
const PAUSE: Duration = Duration::from_millis(100);

/// Lets `router` answer everybody who connects, and `full` whoever finds no room, until the end comes; what has been asked by then
/// is answered.
pub(super) async fn accept(listener: TcpListener, router: Router, full: Router, mut ending: Ending) -> End {
    let mut open = JoinSet::new();
    let end = loop {
        let accepted = tokio::select! {
            end = ending.comes() => break end,
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) if open.len() < MOST => {
                drop(open.spawn(hold(stream, router.clone(), ending.clone(), PATIENCE)))
            }
            Ok((stream, _)) if open.len() < 2 * MOST => {
                drop(open.spawn(hold(stream, full.clone(), ending.clone(), IMPATIENCE)))
            }
            // Too many to tell each of them so.
            Ok(_) => {}
            // Only the connection that was to be has failed.
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {}
            Err(_) => sleep(PAUSE).await,
        }
    };
    drop(listener);
    while open.join_next().await.is_some() {}
    end
}

/// Answers what is asked on a connection until one side has enough.
async fn hold(stream: TcpStream, router: Router, mut ending: Ending, patience: Duration) {
    // An answer is worth sending at once.
    let _ = stream.set_nodelay(true);
    let stream = TokioIo::new(Patient::new(stream, patience));
    let service = TowerToHyperService::new(router);
    let mut server = http1::Builder::new();
    // From the first moment, and from each answer, to the end of the next request's head.
    server.timer(TokioTimer::new()).header_read_timeout(patience);
    let mut connection = pin!(server.serve_connection(stream, service));
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = ending.comes() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
