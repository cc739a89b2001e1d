//! A transport of one's own, whole: an [`Io`](crate::Io) for connections inside the process, which blocks its thread.
//!
//! There is nothing of XMPP in it. Each end has a clock, what comes from the other end, and the way there.
//!
//! ```
//! use std::collections::VecDeque;
//! use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
//! use std::task::{Context, Poll};
//! use std::thread::sleep;
//! use std::time::Duration;
//!
//! use xmpp_ws_driver::xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Input, Transmit};
//! use xmpp_ws_driver::xmpp_ws::time::Instant;
//! use xmpp_ws_driver::{Broken, Io, Session, no_http};
//!
//! struct InProcess {
//!     began: std::time::Instant,
//!     /// What the transport has to tell by itself.
//!     told: VecDeque<Input>,
//!     /// `None`: the connection's end was told.
//!     incoming: Option<Receiver<Input>>,
//!     outgoing: Option<Sender<Input>>,
//!     was_dialed: bool,
//! }
//!
//! impl InProcess {
//!     fn new(incoming: Receiver<Input>, outgoing: Sender<Input>) -> Self {
//!         let (incoming, outgoing) = (Some(incoming), Some(outgoing));
//!         let began = std::time::Instant::now();
//!         Self { began, told: VecDeque::new(), incoming, outgoing, was_dialed: false }
//!     }
//!
//!     fn left(&self, deadline: Option<Instant>) -> Option<Duration> {
//!         Some(deadline?.since_origin().saturating_sub(self.now().since_origin()))
//!     }
//! }
//!
//! impl Io for InProcess {
//!     fn now(&self) -> Instant {
//!         Instant::after(self.began.elapsed())
//!     }
//!
//!     fn poll_input(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> Poll<(Instant, Input)> {
//!         let left = self.left(deadline);
//!         let input = match (self.told.pop_front(), &self.incoming) {
//!             (Some(input), _) => input,
//!             // An asynchronous transport keeps the waker of `cx` and is pending, here and below.
//!             (None, Some(incoming)) => match incoming.recv_timeout(left.unwrap_or(Duration::MAX)) {
//!                 Ok(input) => input,
//!                 Err(RecvTimeoutError::Timeout) => Input::Timeout,
//!                 Err(RecvTimeoutError::Disconnected) => {
//!                     self.incoming = None;
//!                     Input::Lost
//!                 }
//!             },
//!             // After the end of a connection only the deadline comes.
//!             (None, None) => return self.poll_deadline(cx, deadline).map(|now| (now, Input::Timeout)),
//!         };
//!         Poll::Ready((self.now(), input))
//!     }
//!
//!     fn poll_deadline(&mut self, _: &mut Context<'_>, deadline: Option<Instant>) -> Poll<Instant> {
//!         let Some(left) = self.left(deadline) else { return Poll::Pending };
//!         sleep(left);
//!         Poll::Ready(self.now())
//!     }
//!
//!     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
//!         Poll::Ready(Ok(())) // a channel has room
//!     }
//!
//!     fn start_send(&mut self, transmit: Transmit) -> Result<(), Broken> {
//!         let input = match transmit {
//!             Transmit::Text(text) => Input::Text(text),
//!             Transmit::Ping => {
//!                 self.told.push_back(Input::Pong); // a WebSocket answers pings by itself
//!                 Input::Ping
//!             }
//!             Transmit::Close { code } => Input::Closed { code: Some(code) },
//!             Transmit::Drop => {
//!                 (self.incoming, self.outgoing) = (None, None); // the peer sees that it is gone
//!                 self.told.clear();
//!                 return Ok(());
//!             }
//!             // The one connection is there already, and there is no second one.
//!             Transmit::Dial(_) => {
//!                 let error = DialError::new(DialErrorKind::NoDialer, "one connection only");
//!                 let answer = match std::mem::replace(&mut self.was_dialed, true) {
//!                     false => Input::Connected(Connection::new(true)),
//!                     true => Input::ConnectFailed(error),
//!                 };
//!                 self.told.push_back(answer);
//!                 return Ok(());
//!             }
//!             Transmit::Fetch(uri) => {
//!                 self.told.push_back(Input::Fetched(no_http(uri).into_inner()));
//!                 return Ok(());
//!             }
//!         };
//!         self.outgoing.as_ref().and_then(|outgoing| outgoing.send(input).ok()).ok_or(Broken)
//!     }
//!
//!     fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
//!         Poll::Ready(Ok(())) // what is in a channel has left
//!     }
//!
//!     fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<()> {
//!         self.outgoing = None;
//!         Poll::Ready(())
//!     }
//! }
//! # use std::pin::pin;
//! # use std::task::Waker;
//! # use xmpp_ws_driver::xmpp_ws::random::{Purpose, Random};
//! # #[derive(Debug)]
//! # struct NotRandom(u128);
//! # impl Random for NotRandom {
//! #     fn bits(&mut self, _: Purpose) -> u128 {
//! #         self.0 += 1;
//! #         self.0
//! #     }
//! # }
//! # fn random() -> NotRandom { NotRandom(7) }
//!
//! // A client and a server on it, each in a thread. The server is for another host.
//! use xmpp_ws_driver::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
//! use xmpp_ws_driver::xmpp_ws::condition::Condition;
//! use xmpp_ws_driver::xmpp_ws::ending::Ending;
//! use xmpp_ws_driver::xmpp_ws::sasl::DecoySecret;
//! use xmpp_ws_driver::xmpp_ws::server::{Server, ServerConfig, ServerEvent};
//! use xmpp_ws_driver::xmpp_ws::stream_error::StreamError;
//!
//! /// What blocks can be polled again at once.
//! fn block_on<T>(work: impl Future<Output = T>) -> T {
//!     let mut work = pin!(work);
//!     loop {
//!         if let Poll::Ready(output) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
//!             return output;
//!         }
//!     }
//! }
//!
//! let ((to_server, from_client), (to_client, from_server)) = (channel(), channel());
//! let serving = std::thread::spawn(move || {
//!     let io = InProcess::new(from_client, to_client);
//!     let config = ServerConfig::new(DecoySecret::new([7; 32]));
//!     let server = Server::new(config, Connection::new(true), random(), io.now());
//!     let mut session = Session::new(server, io);
//!     while let Some(event) = block_on(session.next()) {
//!         if let ServerEvent::OpenRequested(request) = event {
//!             let error = StreamError::new(Condition::HostUnknown);
//!             session.command(|server, now| server.refuse(now, request, error)).unwrap();
//!         }
//!     }
//! });
//!
//! let io = InProcess::new(from_server, to_server);
//! let uri = "wss://example.com/".parse()?;
//! let config = ClientConfig::new("alice@example.com".parse()?, uri).with_password("secret");
//! let client = Client::new(config, random(), io.now());
//! let mut session = Session::new(client, io);
//! let mut ending = None;
//! while let Some(event) = block_on(session.next()) {
//!     if let ClientEvent::Ended(why) = event {
//!         ending = Some(why);
//!     }
//! }
//! let Some(Ending::PeerError(error)) = ending else { panic!("{ending:?}") };
//! assert_eq!(error.condition(), Condition::HostUnknown);
//! serving.join().unwrap();
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! What to take care of, beside what [`Io`](crate::Io) says of each method:
//!
//! - **The clock** goes on while the machine sleeps, if it can: `OsClock` of the feature `os-clock` does.
//! - **Room** is what keeps memory bounded: be ready in `poll_ready` only while the peer takes what was sent.
//! - **Randomness** comes from the operating system (`OsRandom` of the feature `os-random`). Nonces and ids are made
//!   of it.
//! - **Dialing** is where `xmpp` is agreed on as the subprotocol, and certificates are checked.
