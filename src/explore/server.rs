//! The HTTP side: the page's files, and a place for each kind of question. It knows nothing of what is asked.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::answer::Reply;
use super::connections::{self, PATIENCE};
use super::end::Ending;
use super::guard::{Guard, HEADERS};
use super::page::Page;
use super::question::{PLACES, Parse};
use super::queue::{Job, Queue};
use crate::signals::End;

/// Serves the page on `listener` until the end comes; questions go through `queue`. Calls `ready` once somebody hears requests.
pub(crate) fn serve(
    listener: TcpListener,
    page: &Page,
    queue: &Arc<Queue>,
    ending: &Ending,
    ready: impl FnOnce() -> io::Result<()>,
) -> io::Result<End> {
    listener.set_nonblocking(true)?;
    let guard = Arc::new(Guard::of(listener.local_addr()?.port()));
    let guarded = |router: Router| router.layer(from_fn(move |request, next| keep(guard.clone(), request, next)));
    let no_room = || async { refuse(StatusCode::SERVICE_UNAVAILABLE, "too many connections; ask again in a moment") };
    let full = guarded.clone()(Router::new().fallback(no_room));
    let router = guarded(router(page, queue, ending));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        ready()?;
        Ok(connections::accept(listener, router, full, ending.clone()).await)
    })
}

fn router(page: &Page, queue: &Arc<Queue>, ending: &Ending) -> Router {
    let mut router = Router::new();
    for (place, content_type, text) in [
        ("/", "text/html; charset=utf-8", &page.document),
        ("/explore.css", "text/css; charset=utf-8", &page.style),
        ("/explore.js", "text/javascript; charset=utf-8", &page.script),
    ] {
        let bytes = Bytes::from(text.clone().into_bytes());
        router = router.route(place, get(move || async move { ([(header::CONTENT_TYPE, content_type)], bytes) }));
    }
    let most_bytes = page.most_bytes;
    for (place, parse) in PLACES {
        let (queue, ending) = (queue.clone(), ending.clone());
        router = router.route(place, post(move |request| ask(queue, ending, parse, most_bytes, request)));
    }
    router.layer(DefaultBodyLimit::max(most_bytes))
}

/// Answers who may be answered.
async fn keep(guard: Arc<Guard>, request: Request, next: Next) -> Result<Response, Infallible> {
    let mut response = match guard.check(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err((status, reason)) => refuse(status, &reason),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// Puts a question into the queue and waits for its answer. If the client hangs up this future is dropped, and if the end comes it
/// returns: either way nobody waits for the answer any more, which whoever works on it can see.
async fn ask(
    queue: Arc<Queue>,
    mut ending: Ending,
    parse: Parse,
    most_bytes: usize,
    request: Request<Body>,
) -> Response {
    // What says beforehand that it is too long is not waited for.
    if request.body().size_hint().lower() > most_bytes as u64 {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, &format!("expected at most {most_bytes} bytes"));
    }
    let body = match timeout(PATIENCE, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) => return refuse(rejection.status(), &rejection.body_text()),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the question took too long to arrive"),
    };
    let question = match parse(&body) {
        Ok(question) => question,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("the question makes no sense: {error}")),
    };
    let (reply, answer) = oneshot::channel();
    if let Err(refusal) = queue.push(Job { question, reply }) {
        return respond(Reply { outcome: Err(refusal), took: Duration::ZERO });
    }
    let answer = tokio::select! {
        answer = answer => answer.ok(),
        _ = ending.comes() => None,
    };
    answer.map_or_else(|| refuse(StatusCode::SERVICE_UNAVAILABLE, "the program is ending"), respond)
}

fn respond(Reply { outcome, took }: Reply) -> Response {
    let timing = (HeaderName::from_static("server-timing"), format!("answer;dur={:.3}", 1e3 * took.as_secs_f64()));
    match outcome {
        Ok(answer) => ([timing, (header::CONTENT_TYPE, answer.content_type.to_owned())], answer.bytes).into_response(),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            refuse(status, &refusal.to_string())
        }
    }
}

fn refuse(status: StatusCode, reason: &str) -> Response {
    let body = json!({ "error": reason }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
