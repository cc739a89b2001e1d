//! A server that says what a test tells it to, over real WebSockets.

use std::future::Future;
use std::sync::Arc;

use bytestring::ByteString;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use xmpp_ws::endpoint::Input;
use xmpp_ws_tests::managed::{ENABLED, MANAGED_FEATURES, REQUEST, answer};
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tests::solo::{CLOSE, PLAIN_FEATURES, SERVER_OPEN, SUCCESS, attribute, bound};
use xmpp_ws_tokio::tokio_rustls::TlsAcceptor;
use xmpp_ws_tokio::tokio_rustls::rustls::ServerConfig;
use xmpp_ws_tokio::{AcceptConfig, Session, SocketIo, accept};

use crate::process::{Process, TIME};

/// The server of `alice@example.com`, whose password is `secret`.
pub(crate) struct Peer {
    runtime: Runtime,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

/// One connection to it.
pub(crate) struct Line<'a> {
    runtime: &'a Runtime,
    session: Session<Scripted, SocketIo<Box<dyn Bytes>>>,
}

pub(crate) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Bytes for S {}

impl Peer {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        Self { runtime, listener, tls: None }
    }

    pub(crate) fn with_tls(mut self, tls: Arc<ServerConfig>) -> Self {
        self.tls = Some(tls.into());
        self
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/ws", self.port())
    }

    /// A client of this server, with these options besides.
    pub(crate) fn client(&self, more: &[&str]) -> Process {
        let url = self.url();
        let mut arguments = vec!["connect", "--allow-plaintext-auth", "--url", &url];
        arguments.extend(["--jid", "alice@example.com/r", "--password", "secret"]);
        arguments.extend(more);
        Process::start(&arguments)
    }

    async fn stream(&self) -> Box<dyn Bytes> {
        let (stream, _) = self.listener.accept().await.unwrap();
        match &self.tls {
            Some(tls) => Box::new(tls.accept(stream).await.unwrap()),
            None => Box::new(stream),
        }
    }

    /// The next connection.
    pub(crate) fn accepts(&self) -> Line<'_> {
        let accepting = async { accept(self.stream().await, &AcceptConfig::default()).await };
        let accepted = within(&self.runtime, accepting).unwrap();
        Line { runtime: &self.runtime, session: accepted.into_session(|_, _| Scripted::new()) }
    }

    /// The next connection, which is one of HTTP: what it asks for.
    pub(crate) fn answers_http(&self, answer: &str) -> String {
        let answering = async {
            let mut stream = self.stream().await;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            String::from_utf8(head).unwrap()
        };
        within(&self.runtime, answering).split(' ').nth(1).unwrap().to_owned()
    }

    /// Whether the next connection comes to nothing, for the client does not trust the certificate.
    pub(crate) fn is_not_trusted(&self) -> bool {
        let accepting = async {
            let (stream, _) = self.listener.accept().await.unwrap();
            self.tls.as_ref().unwrap().accept(stream).await.is_err()
        };
        within(&self.runtime, accepting)
    }

    /// A client that is logged in, with a session that can be resumed, and its connection.
    pub(crate) fn session(&self, more: &[&str]) -> (Process, Line<'_>) {
        let mut client = self.client(&[&["--json"], more].concat());
        let mut line = self.accepts();
        line.logs_in(MANAGED_FEATURES);
        line.binds();
        line.enables();
        assert_eq!(client.event()["event"], "bound");
        (client, line)
    }

    /// The client's next connection, logged in; with what it asks for the session of before.
    pub(crate) fn comes_back(&self) -> (Line<'_>, String) {
        let mut line = self.accepts();
        line.logs_in(MANAGED_FEATURES);
        let request = line.hears();
        (line, request)
    }
}

impl Line<'_> {
    /// The client's next message.
    pub(crate) fn hears(&mut self) -> String {
        loop {
            match within(self.runtime, self.session.next()) {
                Some(Seen::Input(Input::Text(text))) => return text.into(),
                Some(Seen::Input(Input::Ping)) => {}
                other => panic!("no message: {other:?}"),
            }
        }
    }

    pub(crate) fn says(&mut self, text: impl Into<ByteString>) {
        self.session.send(text).unwrap();
        within(self.runtime, self.session.flush());
    }

    /// The connection is gone, without a word.
    pub(crate) fn cut(self) {
        drop(self);
    }

    /// The whole login, up to these features.
    pub(crate) fn logs_in(&mut self, features: &'static str) {
        for (said, answers) in [
            ("<open ", [SERVER_OPEN, PLAIN_FEATURES].as_slice()),
            ("<auth ", &[SUCCESS]),
            ("<open ", &[SERVER_OPEN, features]),
        ] {
            let heard = self.hears();
            assert!(heard.starts_with(said), "{heard}");
            for answer in answers {
                self.says(*answer);
            }
        }
    }

    pub(crate) fn binds(&mut self) {
        let request = self.hears();
        self.answers_bind(&request);
    }

    pub(crate) fn answers_bind(&mut self, request: &str) {
        assert!(request.contains("<bind "), "{request}");
        self.says(bound(&attribute(request, "id")));
    }

    pub(crate) fn enables(&mut self) {
        assert_eq!(self.hears(), "<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        self.says(ENABLED);
    }

    /// So many stanzas come and are acknowledged whenever that is asked for; `before`: how many came before.
    pub(crate) fn takes(&mut self, before: u32, stanzas: usize) -> Vec<String> {
        let mut taken = Vec::new();
        loop {
            let heard = self.hears();
            if heard == REQUEST {
                self.says(answer(before + u32::try_from(taken.len()).unwrap()));
                if taken.len() == stanzas {
                    return taken;
                }
            } else {
                taken.push(heard);
                assert!(taken.len() <= stanzas, "{taken:?}");
            }
        }
    }

    /// The client closes in good order.
    pub(crate) fn sees_close(mut self) {
        let mut heard = self.hears();
        // The question at the end of the input may come on top of the one that every so many stanzas ask.
        if heard == "<r xmlns='urn:xmpp:sm:3'/>" {
            heard = self.hears();
        }
        assert_eq!(heard, CLOSE);
        self.says(CLOSE);
        let closed = Some(Seen::Input(Input::Closed { code: Some(1000) }));
        assert_eq!(within(self.runtime, self.session.next()), closed);
        while within(self.runtime, self.session.next()).is_some() {}
    }

    /// The server closes in good order.
    pub(crate) fn closes(mut self) {
        self.says(CLOSE);
        assert_eq!(self.hears(), CLOSE);
        self.session.close().unwrap();
        while within(self.runtime, self.session.next()).is_some() {}
    }
}

fn within<T>(runtime: &Runtime, future: impl Future<Output = T>) -> T {
    let waiting = async { timeout(TIME, future).await };
    runtime.block_on(waiting).unwrap_or_else(|_| panic!("the client does nothing for {TIME:?}"))
}
