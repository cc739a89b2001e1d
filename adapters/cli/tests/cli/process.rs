//! Runs the program, with a bound of time on everything and nothing left behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The program, while it runs. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

/// `serve` for Alice, Bob and Carol, whose passwords are `secret`, on a port of its own.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) url: String,
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xmpp-ws"));
    command.args(arguments).env_remove("XMPP_PASSWORD");
    command
}

/// Runs it to its end, with this input.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut process = Process::silent(&mut command(arguments));
    if let Some(mut stdin) = process.input.take() {
        // It may well end without reading.
        let _ = stdin.write_all(input);
    }
    let (mut stdout, mut stderr) =
        (process.child.stdout.take().unwrap(), process.child.stderr.take().unwrap());
    let reader = thread::spawn(move || {
        let mut output = Vec::new();
        stdout.read_to_end(&mut output).unwrap();
        output
    });
    let mut error = Vec::new();
    let status = process.status();
    stderr.read_to_end(&mut error).unwrap();
    Output { status, stdout: reader.join().unwrap(), stderr: error }
}

impl Process {
    /// Starts it; its output is read as it comes.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = Self::silent(command(arguments).stderr(Stdio::inherit()));
        let output = BufReader::new(process.child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        process.lines = lines;
        process
    }

    /// Starts it; nobody reads its output.
    pub(crate) fn silent(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { input: child.stdin.take(), child, lines: channel().1 }
    }

    pub(crate) fn says(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all([line, "\n"].concat().as_bytes()).unwrap();
    }

    /// Ends its input.
    pub(crate) fn ends_input(&mut self) {
        self.input = None;
    }

    /// Writes these lines to its input as long as it takes them, and then no longer.
    pub(crate) fn floods(&mut self, line: impl Fn(u32) -> String + Send + 'static) {
        let mut input = self.input.take().expect("the input is open");
        thread::spawn(move || {
            for number in 0.. {
                if input.write_all([&line(number), "\n"].concat().as_bytes()).is_err() {
                    return;
                }
            }
        });
    }

    /// The events until nothing comes for so long, or never will.
    pub(crate) fn events_until_silent(&mut self, silence: Duration) -> Vec<Value> {
        let line = || self.lines.recv_timeout(silence).ok();
        std::iter::from_fn(line).map(|line| serde_json::from_str(&line).unwrap()).collect()
    }

    /// The next line of its output.
    pub(crate) fn line(&mut self) -> String {
        match self.lines.recv_timeout(TIME) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("no output within {TIME:?}"),
            Err(RecvTimeoutError::Disconnected) => panic!("no more output"),
        }
    }

    /// The next line, as JSON.
    pub(crate) fn event(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// The next event of this name; those before it are of no interest.
    pub(crate) fn until(&mut self, name: &str) -> Value {
        loop {
            let event = self.event();
            if event["event"] == name {
                return event;
            }
            assert_ne!(event["event"], "closed", "waiting for {name}");
        }
    }

    /// The XML of the next stanza that comes.
    pub(crate) fn stanza(&mut self) -> String {
        self.until("stanza")["xml"].as_str().unwrap().to_owned()
    }

    /// Waits for its end.
    pub(crate) fn status(&mut self) -> std::process::ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < TIME, "it does not end within {TIME:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub(crate) fn start(more: &[&str]) -> Self {
        let users = ["alice", "bob", "carol"].map(|name| format!("{name}:secret"));
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--json"];
        for user in &users {
            arguments.extend(["--user", user]);
        }
        arguments.extend(more);
        let mut process = Process::start(&arguments);
        let event = process.event();
        assert_eq!(event["event"], "listening");
        let url = event["url"].as_str().unwrap().to_owned();
        Self { process, url }
    }

    /// The arguments of a client of this server.
    pub(crate) fn client<'a>(&'a self, jid: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["connect", "--jid", jid, "--url", &self.url, "--json"];
        arguments.extend(more);
        if !more.contains(&"--password") {
            arguments.extend(["--password", "secret"]);
        }
        arguments
    }

    /// A client that is logged in.
    pub(crate) fn login(&self, jid: &str) -> Process {
        let mut client = Process::start(&self.client(jid, &[]));
        client.until("bound");
        client
    }
}

/// How long anything may take on a busy machine.
pub(crate) const TIME: Duration = Duration::from_secs(20);
