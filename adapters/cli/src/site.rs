//! The files of a page, over HTTP on the WebSocket's own port: only to be read, only those in one folder.

mod file;
mod head;
mod replay;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use self::file::File;
use self::head::{Head, Request};
pub(crate) use self::replay::Replay;

/// A folder whose files are served.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    root: PathBuf,
}

impl Site {
    /// The files in this folder, which must be there.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let root = folder.canonicalize()?;
        if root.is_dir() { Ok(Self { root }) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    /// Answers a request for a file, and ends the connection; hands back the stream of one for a WebSocket, or what
    /// is no HTTP, as if nothing of it had been read.
    ///
    /// The request may take `time`.
    pub(crate) async fn answer<S>(&self, mut stream: S, time: Duration) -> Option<Replay<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let head = timeout(time, Head::read(&mut stream)).await.ok()?.ok()?;
        let Some(request) = head.request() else {
            return Some(Replay::new(head.into_bytes(), stream));
        };
        // Whoever does not read what it asked for is not waited for, and whoever went does not want to know.
        let _ = timeout(SENDING_TIME, self.send(&mut stream, request)).await;
        None
    }

    async fn send<S>(&self, stream: &mut S, request: Request) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (status, mut file) = self.find(&request).await;
        let allow = if request == Request::OtherMethod { "Allow: GET, HEAD\r\n" } else { "" };
        let (length, kind) = (file.length, file.kind);
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{allow}\
             X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        if !matches!(request, Request::Get { head_only: true, .. }) {
            tokio::io::copy(&mut file.content, stream).await?;
        }
        stream.shutdown().await?;
        // To hang up on what was not read would reset the connection, and the answer might never arrive.
        let mut rest = stream.take(MAX_DISCARDED_BYTES);
        let _ = timeout(LEAVING_TIME, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
        Ok(())
    }

    async fn find(&self, request: &Request) -> (&'static str, File) {
        let (status, words) = match request {
            Request::Get { path, .. } => match File::open(&self.root, path).await {
                Some(file) => return ("200 OK", file),
                None => ("404 Not Found", "There is no such file.\n"),
            },
            Request::OtherMethod => ("405 Method Not Allowed", "Only GET and HEAD.\n"),
            Request::OtherHosts => ("400 Bad Request", "One Host is due.\n"),
            Request::TooLong => ("431 Request Header Fields Too Large", "Say it with less.\n"),
        };
        (status, File::words(words))
    }
}

const SENDING_TIME: Duration = Duration::from_secs(60);
const LEAVING_TIME: Duration = Duration::from_secs(1);
// As for a WebSocket that is refused.
const MAX_DISCARDED_BYTES: u64 = 4 * 1024 * 1024;
