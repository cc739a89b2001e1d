//! The servers that are there: our own, and those that the script `tests/run` starts.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use xmpp_ws::ending::Ending;
use xmpp_ws_tests::conversation::faults::DOCUMENT;
use xmpp_ws_tests::conversation::{Cut, Hosting, Place, ServerSide, TlsFiles, host};
use xmpp_ws_tokio::server_tls_from_pem_files;
use xmpp_ws_tokio::tokio_rustls::rustls::{ServerConnection, StreamOwned};

/// `xmpp-ws serve`, while this lives.
pub(crate) struct Served {
    process: Child,
    pub(crate) place: Place,
}

/// A certificate authority, and what it vouches for.
pub(crate) struct Authority {
    folder: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Served {
    /// Starts it, with TLS where there are files for it.
    pub(crate) fn start(tls: Option<&TlsFiles>, trust: Option<PathBuf>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xmpp-ws"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--user", "alice:secret"]);
        command.arg("--allow-plaintext-auth");
        if let Some(files) = tls {
            command.arg("--tls-cert").arg(&files.chain).arg("--tls-key").arg(&files.key);
        }
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
        let output = process.stdout.take().expect("it was asked for");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("it says where it listens");
        let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        // The certificate is for the name.
        let uri = event
            .get("url")
            .and_then(|url| url.as_str())
            .expect("a URL")
            .replace("wss://127.0.0.1", "wss://localhost");
        let name = if tls.is_some() { "serve, wss" } else { "serve, ws" };
        // Its longest message, and that it tells it, are its own affair.
        let place = place(name, &uri, "alice@localhost", trust, Some(host::TOLD_MAX_BYTES));
        Self { process, place }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An adapter's server, which lives as long as the process, and the ends of its connections.
pub(crate) fn hosted<A: ServerSide>(
    hosting: Hosting,
    trust: Option<PathBuf>,
) -> (Place, Receiver<Ending>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let (sender, ended) = channel();
    let (name, uri) = match hosting.tls {
        None => ("wanted by tokio's client", format!("ws://127.0.0.1:{port}/")),
        Some(_) => ("wanted by tokio's client, wss", format!("wss://localhost:{port}/")),
    };
    thread::spawn(move || A::serve(listener, hosting, sender));
    let limit = Some(host::TOLD_MAX_BYTES);
    let mut place = place(name, &uri, xmpp_ws_tests::pair::ACCOUNT, trust, limit);
    place.leaves = true;
    (place, ended)
}

/// A document over HTTP with TLS, as long as the process lives, and something that leads to it.
pub(crate) fn document(tls: &TlsFiles, trust: Option<PathBuf>) -> Place {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let tls = server_tls_from_pem_files(&tls.chain, &tls.key).expect("good files");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&tls)).expect("a good configuration");
            let mut stream = StreamOwned::new(connection, stream.expect("somebody comes"));
            // Whoever does not trust us goes.
            let _ = answer(&mut stream);
        }
    });
    place("a document", &format!("https://localhost:{port}/"), "", trust, None)
}

fn answer(stream: &mut StreamOwned<ServerConnection, TcpStream>) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        request.extend(byte);
    }
    let answer = if request.starts_with(b"GET / ") {
        "HTTP/1.1 301 x\r\nLocation: /document\r\nContent-Length: 0\r\n\r\n".to_owned()
    } else {
        let length = DOCUMENT.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{DOCUMENT}")
    };
    stream.write_all(answer.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// Prosody and ejabberd, where the environment names them.
pub(crate) fn others() -> Vec<Place> {
    let trust = env::var_os("XMPP_WS_SERVERS_CA").map(PathBuf::from);
    let mut places = Vec::new();
    // ejabberd takes whatever we would send.
    let servers =
        [("Prosody", "XMPP_WS_PROSODY", Some(256 * 1024)), ("ejabberd", "XMPP_WS_EJABBERD", None)];
    for (name, variable, limit) in servers {
        for (scheme, variable) in [("ws", variable.to_owned()), ("wss", format!("{variable}_TLS"))]
        {
            match env::var(&variable) {
                Ok(uri) => {
                    let name = format!("{name}, {scheme}");
                    places.push(place(&name, &uri, "bob@localhost", trust.clone(), limit));
                }
                Err(_) => println!(
                    "left out: {name} over {scheme}, for {variable} is not set (see tests/run)"
                ),
            }
        }
    }
    places
}

fn place(
    name: &str,
    uri: &str,
    account: &str,
    trust: Option<PathBuf>,
    max_message_bytes: Option<usize>,
) -> Place {
    Place {
        name: name.into(),
        uri: uri.into(),
        account: account.into(),
        password: "secret".into(),
        trust,
        max_message_bytes,
        leaves: false,
        // Where a connection ends while ejabberd 23 writes to it, that waits 15 s for itself, and he who is back gets
        // no answer until it says that it has no such session ("Session state copying timed out" in its log).
        cut: if name.starts_with("ejabberd") { Cut::Silent } else { Cut::Told },
    }
}

impl Authority {
    /// One whose files are in a folder of this name.
    pub(crate) fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::new([]).expect("rcgen and rustls agree");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("rcgen and rustls agree");
        let issuer = CertifiedIssuer::self_signed(parameters, key).expect("rcgen and rustls agree");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("conversation-{name}"));
        fs::create_dir_all(&folder).expect("a folder");
        let authority = Self { folder, issuer };
        fs::write(authority.file(), authority.issuer.pem()).expect("room");
        authority
    }

    /// Its own certificate.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// A certificate for this name.
    pub(crate) fn issue(&self, name: &str) -> TlsFiles {
        let key = KeyPair::generate().expect("rcgen and rustls agree");
        let parameters = CertificateParams::new([name.to_owned()]).expect("rcgen and rustls agree");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("rcgen and rustls agree");
        let chain = self.folder.join(format!("{name}.pem"));
        let files = TlsFiles { chain, key: self.folder.join(format!("{name}.key")) };
        fs::write(&files.chain, certificate.pem()).expect("room");
        fs::write(&files.key, key.serialize_pem()).expect("room");
        files
    }
}
