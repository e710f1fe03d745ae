//! gRPC by hand: one unary call per HTTP/2 stream, on a Unix socket. And when to go.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::server::SendResponse;
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{SignalKind, signal};

use crate::provider::{Provider, Refusal};

/// Without any connection for so long, nobody will come: Terraform gave up at the handshake, say.
const ALONE: Duration = Duration::from_secs(10);
const LOOK_AROUND: Duration = Duration::from_millis(200);

/// Serves until Terraform says so, is gone, or never comes. The caller runs it on a current-thread runtime in
/// a `LocalSet`, since one thread is plenty.
pub async fn serve(provider: Provider, socket: PathBuf) -> Result<(), String> {
    let told = |e: std::io::Error| format!("{}: {e}", socket.display());
    let parent = std::os::unix::process::parent_id();
    let listener = UnixListener::bind(&socket).map_err(told)?;
    // Ctrl-C goes to the whole process group. Providers leave it to Terraform, which then asks them to stop.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(told)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(told)?;
    println!("1|5|unix|{}|grpc|", socket.display());

    let provider = Rc::new(provider);
    // Each connection holds a clone; the count says how many are open.
    let open = Rc::new(());
    let mut last_seen = Instant::now();
    let mut tick = tokio::time::interval(LOOK_AROUND);
    loop {
        tokio::select! {
            connection = listener.accept() => {
                let (stream, _) = connection.map_err(told)?;
                tokio::task::spawn_local(connected(stream, provider.clone(), open.clone(), socket.clone()));
            }
            _ = interrupt.recv() => {}
            _ = terminate.recv() => leave(&socket),
            _ = tick.tick() => {
                if Rc::strong_count(&open) > 1 {
                    last_seen = Instant::now();
                }
                if std::os::unix::process::parent_id() != parent || last_seen.elapsed() > ALONE {
                    leave(&socket);
                }
            }
        }
    }
}

/// Ends the process at once: Terraform waits two seconds for each provider that does not go when told to.
fn leave(socket: &Path) -> ! {
    // The folder may be gone already, with the test it belonged to.
    let _ = std::fs::remove_file(socket);
    std::process::exit(0)
}

async fn connected(stream: UnixStream, provider: Rc<Provider>, open: Rc<()>, socket: PathBuf) {
    // An error here is a peer that went away; there is nobody left to tell.
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        let (provider, socket) = (provider.clone(), socket.clone());
        tokio::task::spawn_local(async move { answer(request, respond, &provider, &socket).await });
    }
    drop(open);
}

async fn answer(
    request: Request<h2::RecvStream>,
    respond: SendResponse<Bytes>,
    provider: &Provider,
    socket: &Path,
) -> Result<(), h2::Error> {
    let path = request.uri().path().to_string();
    if path == "/plugin.GRPCController/Shutdown" {
        leave(socket);
    }
    let mut body = request.into_body();
    let mut received = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk?;
        body.flow_control().release_capacity(chunk.len())?;
        received.extend_from_slice(&chunk);
    }
    let result = match (path.strip_prefix("/tfplugin5.Provider/"), message(&received)) {
        (None, _) => Err(Refusal::Unimplemented),
        (Some(_), Err(e)) => Err(Refusal::Broken(e)),
        (Some(method), Ok(message)) => provider.call(method, message).await,
    };
    match result {
        Ok(message) => reply(respond, message),
        Err(Refusal::Unimplemented) => refuse(respond, 12, "not served by the stand-in"),
        Err(Refusal::Broken(why)) => refuse(respond, 13, &format!("{path}: {why}")),
    }
}

/// The message in its frame: a byte that says whether it is compressed, four of length, then the message.
fn message(frame: &[u8]) -> Result<&[u8], String> {
    let (head, message) = frame.split_first_chunk::<5>().ok_or("a frame of less than five bytes")?;
    let [compressed, length @ ..] = *head;
    if compressed != 0 {
        return Err("the message is compressed, which was not offered".to_string());
    }
    if u32::from_be_bytes(length) as usize != message.len() {
        return Err(format!("a frame says {} bytes and holds {}", u32::from_be_bytes(length), message.len()));
    }
    Ok(message)
}

fn reply(mut respond: SendResponse<Bytes>, message: Vec<u8>) -> Result<(), h2::Error> {
    let Ok(length) = u32::try_from(message.len()) else {
        return refuse(respond, 8, "the answer is too long");
    };
    let mut frame = vec![0];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&message);
    let mut stream = respond.send_response(head(HeaderMap::new()), false)?;
    stream.send_data(frame.into(), false)?;
    stream.send_trailers(status(0, ""))
}

fn refuse(mut respond: SendResponse<Bytes>, code: u16, why: &str) -> Result<(), h2::Error> {
    respond.send_response(head(status(code, why)), true)?;
    Ok(())
}

fn head(extra: HeaderMap) -> Response<()> {
    let mut response = Response::new(());
    *response.headers_mut() = extra;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}

fn status(code: u16, why: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("grpc-status", HeaderValue::from(code));
    // gRPC wants this percent-encoded; plain words and colons pass as they are.
    let plain: String =
        why.chars().map(|c| if matches!(c, ' '..='$' | '&'..='~') { c } else { '?' }).collect();
    if let Ok(why) = HeaderValue::from_str(&plain) {
        headers.insert("grpc-message", why);
    }
    headers
}
