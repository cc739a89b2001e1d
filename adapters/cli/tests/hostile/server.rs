//! `xmpp-ws serve` as a process of its own.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use xmpp_ws::sasl::{DerivedKeys, KeyDerivation};
use xmpp_ws_tokio::tokio_rustls::rustls::{ClientConnection, StreamOwned};

use crate::certificate::Certificate;
use crate::process::Process;
use crate::stream::Stream;

/// A server that was started for one test, and is ended with it.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    /// Where it speaks TLS.
    certificate: Option<Certificate>,
    /// What was derived from the users' passwords.
    keys: Mutex<BTreeMap<String, DerivedKeys>>,
    /// Reads its standard error to the end.
    errors: Option<JoinHandle<String>>,
}

impl Server {
    /// A server with users enough, and these options.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::launch(options.iter().map(|&option| option.to_owned()).collect(), None)
    }

    /// The same with TLS; its certificate's files are in a folder of this name.
    pub(crate) fn start_tls(name: &str, options: &[&str]) -> Self {
        let certificate = Certificate::new(name);
        let options = options.iter().map(|&option| option.to_owned());
        let options = options.chain(certificate.options()).collect();
        Self::launch(options, Some(certificate))
    }

    fn launch(options: Vec<String>, certificate: Option<Certificate>) -> Self {
        let mut child = Command::new(binary())
            .args(["serve", "--listen", "127.0.0.1:0", "--allow-plaintext-auth"])
            .args(USERS.iter().flat_map(|user| ["--user".to_owned(), format!("{user}:secret")]))
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary is there");
        let mut stderr = child.stderr.take().expect("it is piped");
        let errors = thread::spawn(move || {
            let mut said = String::new();
            let _ = stderr.read_to_string(&mut said);
            said
        });
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        output.read_line(&mut line).expect("it says where it listens");
        let authority = line.split('/').nth(2).unwrap_or_default();
        let address = authority.parse().unwrap_or_else(|_| panic!("no address in {line:?}"));
        Self { child, address, certificate, keys: Mutex::default(), errors: Some(errors) }
    }

    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// A byte stream on which a WebSocket can be asked for.
    pub(crate) fn connect(&self) -> io::Result<Stream> {
        let socket = self.dial()?;
        if self.certificate.is_none() {
            return Ok(Stream::Plain(socket));
        }
        let mut stream = StreamOwned::new(self.tls(), socket);
        stream.conn.complete_io(&mut stream.sock)?;
        Ok(Stream::Tls(Box::new(stream)))
    }

    /// A client's side of TLS that has said nothing yet.
    pub(crate) fn tls(&self) -> ClientConnection {
        self.certificate.as_ref().expect("it speaks TLS").client()
    }

    pub(crate) fn dial(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// The keys of a user, who has one password and one salt.
    pub(crate) fn keys(&self, user: &str, derivation: KeyDerivation) -> DerivedKeys {
        let mut keys = self.keys.lock().expect("it is whole");
        keys.entry(user.to_owned()).or_insert_with(|| derivation.run()).clone()
    }

    /// Waits until no more than `files` are open, and tells how long that took.
    pub(crate) fn settle(&self, files: usize, within: Duration) -> Duration {
        let start = Instant::now();
        while self.process().files() > files {
            let open = self.process().files();
            assert!(start.elapsed() < within, "{open} files are open still, {files} were");
            thread::sleep(Duration::from_millis(20));
        }
        start.elapsed()
    }

    /// Ends it as the system would; it must end in good order, and have had nothing to complain of.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &id]).status().expect("there is kill");
        assert!(killed.success());
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("one's own child") {
                Some(status) => break status,
                None if start.elapsed() > Duration::from_secs(20) => panic!("it does not end"),
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        assert!(status.success(), "it ended with {status}");
        let errors = self.errors();
        let is_expected = |line: &str| line.contains("too many connections");
        assert!(errors.lines().all(is_expected), "it complained: {errors}");
    }

    /// What it said on standard error, once it is gone.
    fn errors(&mut self) -> String {
        self.errors.take().map(|it| it.join().expect("it only reads")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already unless a test failed.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if thread::panicking() {
            eprintln!("the server said: {:?}", self.errors());
        }
    }
}

/// The program that is attacked: that of this build, or the one that `XMPP_WS_BINARY` names.
fn binary() -> OsString {
    env::var_os("XMPP_WS_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_xmpp-ws").into())
}

/// The pair that talks on, an attacker, and others who have to do with it.
const USERS: [&str; 6] = ["alice", "bob", "mallory", "dave", "erin", "frank"];
