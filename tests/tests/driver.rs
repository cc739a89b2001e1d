//! The driver over a wire in memory, in virtual time.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytestring::ByteString;
use futures_util::{FutureExt, SinkExt, StreamExt};
use xmpp_ws::endpoint::{Connection, Input, Target, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws_driver::{Io, Session};
use xmpp_ws_tests::memory::{MemoryIo, World};
use xmpp_ws_tests::scripted::{Scripted, Seen};

type Memory = Session<Scripted, MemoryIo>;

#[test]
fn both_sides_write_first_over_a_tiny_pipe_and_finish() {
    let (world, left, right) = World::new(64);
    world.run(vec![
        boxed(talk(Session::new(Scripted::new(), left))),
        boxed(talk(Session::new(Scripted::new(), right))),
    ]);

    async fn talk(mut session: Memory) {
        for number in 0..MESSAGES {
            session.send(message(number)).unwrap();
        }
        for number in 0..MESSAGES {
            assert_eq!(session.next().await, Some(text(message(number))));
        }
        session.flush().await;
    }
}

#[test]
fn a_dropped_wait_loses_nothing() {
    let (world, left, right) = World::new(64);
    world.run(vec![
        boxed(talk(Session::new(Scripted::new(), left))),
        boxed(talk(Session::new(Scripted::new(), right))),
    ]);

    async fn talk(mut session: Memory) {
        for number in 0..MESSAGES {
            session.send(message(number)).unwrap();
        }
        let mut dropped = 0;
        for number in 0..MESSAGES {
            let event = loop {
                // Each wait is polled once and dropped; the next one begins when it would have been woken.
                if let Some(event) = once(session.next()).await {
                    break event;
                }
                dropped += 1;
                let _ = once(session.flush()).await;
            };
            assert_eq!(event, Some(text(message(number))));
        }
        session.flush().await;
        assert!(dropped > 1000, "only {dropped} waits were dropped");
    }

    /// Polls once; where that is not enough, drops the future and waits until it was woken.
    async fn once<F: Future>(future: F) -> Option<F::Output> {
        let mut future = Some(Box::pin(future));
        let mut first = true;
        poll_fn(move |cx| match future.as_mut() {
            Some(running) => {
                let answer = running.poll_unpin(cx);
                future = None;
                answer.map(Some)
            }
            None if first => {
                first = false;
                Poll::Ready(None)
            }
            None => Poll::Pending,
        })
        .await
    }
}

#[test]
fn the_last_words_are_read_after_writing_failed() {
    let (world, left, right) = World::new(4096);
    let mut speaker = Session::new(Scripted::new(), right);
    let mut session = Session::new(Scripted::new(), left);
    world.run(vec![boxed(async {
        speaker.send("<stream:error/>").unwrap();
        speaker.send("<close/>").unwrap();
        speaker.flush().await;
        world.end_writing(1);
        world.break_writing(0);

        session.send("<message/>").unwrap();
        session.send("<message/>").unwrap();
        let mut events = Vec::new();
        while let Some(event) = session.next().await {
            events.push(event);
        }
        let expected = [
            Seen::Input(Input::Unwritable),
            text("<stream:error/>".into()),
            text("<close/>".into()),
            Seen::Input(Input::Lost),
            Seen::Ended,
        ];
        assert_eq!(events, expected);
        // The end comes once, and is known from then on.
        assert_eq!(session.next().await, None);
        assert!(session.is_ended());
        session.flush().await;
    })]);
}

#[test]
fn a_new_connection_can_be_written_to_after_one_that_broke() {
    let (world, left, right) = World::new(4096);
    let mut session = Session::new(Scripted::new(), left);
    let mut peer = Session::new(Scripted::new(), right);
    world.run(vec![boxed(async {
        world.break_writing(0);
        assert_eq!(session.next().await, Some(Seen::Input(Input::Unwritable)));
        session.send("<lost/>").unwrap();
        session.flush().await;
        assert_eq!(session.endpoint().queued(), 0);

        world.mend_writing(0);
        session.command(|endpoint, _| endpoint.redial(target()));
        let connected = Input::Connected(Connection::new(true));
        assert_eq!(session.next().await, Some(Seen::Input(connected)));
        session.send("<found/>").unwrap();
        session.flush().await;
        assert_eq!(peer.next().await, Some(text("<found/>".into())));
    })]);
}

#[test]
fn a_dial_does_not_wait_for_a_connection_that_takes_nothing() {
    let (world, left, _right) = World::new(8);
    let mut session = Session::new(Scripted::new(), left);
    world.run(vec![boxed(async {
        session.send("<message/>").unwrap();
        session.send("<message/>").unwrap();
        assert!(session.flush().now_or_never().is_none());
        session.command(|endpoint, _| endpoint.redial(target()));
        let connected = Input::Connected(Connection::new(true));
        assert_eq!(session.next().await, Some(Seen::Input(connected)));
    })]);
}

#[test]
fn events_are_handed_out_while_writing_is_blocked() {
    let (world, left, right) = World::new(64);
    let mut session = Session::new(Scripted::new(), left);
    let mut peer = Session::new(Scripted::new(), right);
    world.run(vec![boxed(async {
        peer.send("<hello/>").unwrap();
        peer.flush().await;
        session.send(message(0)).unwrap();
        assert_eq!(session.next().await, Some(text("<hello/>".into())));
        assert!(session.flush().now_or_never().is_none());
    })]);
}

#[test]
fn a_deadline_is_kept_during_a_flood() {
    let (world, left, right) = World::new(1024);
    let mut session = Session::new(
        Scripted::new().ticking(Duration::from_secs(10)),
        left.slow(Duration::from_secs(1)),
    );
    let mut flood = Session::new(Scripted::new(), right);
    for number in 0..MESSAGES {
        flood.send(ByteString::from(number.to_string())).unwrap();
    }
    let (mut ticks, mut texts) = (0, 0);
    world.run(vec![
        boxed(async { flood.flush().await }),
        boxed(async {
            while texts < MESSAGES {
                match session.next().await {
                    Some(Seen::Input(Input::Timeout)) => ticks += 1,
                    Some(Seen::Input(Input::Text(_))) => texts += 1,
                    other => panic!("{other:?}"),
                }
                // A second passes with every text: a tick must come with every tenth.
                assert!(ticks >= texts / 10, "{ticks} ticks in {texts} seconds");
            }
        }),
    ]);
}

#[test]
fn an_endpoint_that_wants_no_input_reads_nothing_but_keeps_its_deadlines_and_writes() {
    let (world, left, right) = World::new(16);
    let endpoint = Scripted::new().ticking(Duration::from_secs(5)).with_room(1);
    let mut session = Session::new(endpoint, left);
    let mut peer = Session::new(Scripted::new(), right);
    let mut polls = 0;
    // More than it has room for, so that it wants no input until most of it is written.
    session.command(|endpoint, _| {
        for _ in 0..4 {
            endpoint.say(Transmit::Text(message(0)));
        }
    });
    world.run(vec![boxed(async {
        peer.send("<hello/>").unwrap();
        let _ = peer.flush().now_or_never();

        for second in [5, 10, 15] {
            let mut next = pin!(session.next());
            let event = poll_fn(|cx| {
                polls += 1;
                next.as_mut().poll(cx)
            });
            assert_eq!(event.await, Some(Seen::Input(Input::Timeout)));
            assert_eq!(world.now().since_origin(), Duration::from_secs(second));
        }
        // Nothing woke it in between.
        assert!(polls <= 6, "{polls} polls for three deadlines");

        // It goes on as soon as the peer reads.
        for _ in 0..4 {
            let read = async {
                loop {
                    if peer.next().now_or_never().is_some() {
                        break;
                    }
                    let _ = session.flush().now_or_never();
                }
            };
            read.await;
        }
        assert_eq!(session.next().await, Some(text("<hello/>".into())));
    })]);
}

#[test]
fn what_needs_only_computation_is_answered_inline_unless_told_otherwise() {
    for inline in [true, false] {
        let (_, left, mut right) = World::new(64);
        let mut session = Session::new(Scripted::new(), left).answer_inline(inline);
        session.command(|endpoint, _| endpoint.riddle());
        right.start_send(Transmit::Ping).unwrap();
        assert!(right.poll_flush(&mut noop()).is_ready());

        let first = session.next().now_or_never().flatten();
        let ping = Seen::Input(Input::Ping);
        assert_eq!(first, Some(if inline { ping } else { Seen::Riddle }));
    }
}

#[test]
fn its_two_halves_live_in_two_tasks() {
    let (world, left, right) = World::new(64);
    let (mut stanzas, mut events) = Session::new(Scripted::new().with_room(2), left).split();
    let (mut echo, mut heard) = Session::new(Scripted::new().with_room(2), right).split();
    world.run(vec![
        boxed(async {
            for number in 0..MESSAGES {
                stanzas.send(message(number)).await.unwrap();
            }
        }),
        boxed(async {
            for number in 0..MESSAGES {
                assert_eq!(events.next().await, Some(text(message(number))));
            }
        }),
        boxed(async {
            for number in 0..MESSAGES {
                assert_eq!(heard.next().await, Some(text(message(number))));
                echo.send(message(number)).await.unwrap();
            }
        }),
    ]);
}

#[test]
fn waiting_for_room_ends_with_the_stream() {
    let (world, left, _right) = World::new(8);
    let mut session = Session::new(Scripted::new().with_room(1), left);
    world.run(vec![boxed(async {
        session.send(message(0)).unwrap();
        assert!(session.flush().now_or_never().is_none());
        session.send(message(1)).unwrap();
        assert_eq!(session.send(message(2)), Err(Misuse::Full));
        assert!(session.ready().now_or_never().is_none());

        world.end_writing(1);
        session.ready().await;
        assert_eq!(session.send(message(2)), Err(Misuse::Over));
        assert_eq!(session.next().await, Some(Seen::Input(Input::Lost)));
        assert_eq!(session.next().await, Some(Seen::Ended));
        assert_eq!(session.next().await, None);
    })]);
}

#[test]
fn a_session_is_send_when_its_parts_are() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let (_, left, _right) = World::new(64);
    let mut session = is_send(Session::new(Scripted::new(), left));
    drop(is_send(session.next()));
    drop(is_send(session.flush()));
}

fn boxed<'a>(task: impl Future<Output = ()> + 'a) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(task)
}

fn message(number: usize) -> ByteString {
    // About a kilobyte, far more than the pipe holds.
    [&number.to_string(), ":", &"x".repeat(1000)].concat().into()
}

fn text(text: ByteString) -> Seen {
    Seen::Input(Input::Text(text))
}

fn target() -> Target {
    Target::new("ws://example.com/".parse().expect("legal"))
}

fn noop() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

const MESSAGES: usize = 1000;
