//! One WebSocket of the browser's.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytestring::ByteString;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Input, Target};
use xmpp_ws_driver::{Broken, Frame, Link};

use crate::dial::DialConfig;
use crate::js::{Alarm, words};

/// One WebSocket of the browser's. Dropping it closes it.
#[derive(Debug)]
pub struct WebLink {
    socket: WebSocket,
    seen: Rc<RefCell<Seen>>,
    config: DialConfig,
    said_close: bool,
    /// No event tells that `bufferedAmount` fell, so it is looked at from time to time.
    look: Option<Alarm>,
    _handlers: Handlers,
}

/// What the browser has told, in order.
#[derive(Debug, Default)]
struct Seen {
    is_open: bool,
    inputs: VecDeque<Input>,
    /// What they cost.
    unread: usize,
    max_unread: usize,
    is_closed: bool,
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Handlers {
    _open: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl WebLink {
    pub(crate) fn dial(target: &Target, config: DialConfig) -> Result<Self, DialError> {
        let address = target.uri.to_string();
        // RFC 7395 § 3.1: "the client MUST include the value 'xmpp' in the list of protocols".
        let socket = WebSocket::new_with_str(&address, SUBPROTOCOL).map_err(|error| {
            // Such as `ws:` on a page that came by `https:`.
            let detail = format!("{address}: {}", words(&error));
            DialError::new(DialErrorKind::Unsupported, detail)
        })?;
        // Their bytes are of no interest, but a `Blob` would take a file.
        socket.set_binary_type(BinaryType::Arraybuffer);
        let seen = Seen { max_unread: config.max_unread_bytes, ..Seen::default() };
        let seen = Rc::new(RefCell::new(seen));
        let handlers = Handlers::set(&socket, &seen);
        Ok(Self { socket, seen, config, said_close: false, look: None, _handlers: handlers })
    }

    pub(crate) fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        let mut seen = self.seen.borrow_mut();
        if seen.is_open {
            // RFC 7395 § 3.1: without 'xmpp' in the answer "the client MUST close the WebSocket connection".
            let agreed = self.socket.protocol();
            return Poll::Ready(if agreed == SUBPROTOCOL {
                Ok(())
            } else {
                Err(DialError::new(DialErrorKind::Subprotocol, format!("it chose {agreed:?}")))
            });
        }
        if seen.is_closed {
            return Poll::Ready(Err(DialError::new(DialErrorKind::Unreachable, NOT_TOLD)));
        }
        seen.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Waits until at most so much is in the browser's buffer.
    fn poll_buffered(&mut self, cx: &mut Context<'_>, most: u32) -> Poll<Result<(), Broken>> {
        self.look = None;
        if self.socket.ready_state() != WebSocket::OPEN {
            // It takes what it is given, and drops it.
            return Poll::Ready(Err(Broken));
        }
        if self.socket.buffered_amount() <= most {
            return Poll::Ready(Ok(()));
        }
        self.look = Some(Alarm::set(LOOK_AGAIN, cx.waker().clone()));
        Poll::Pending
    }
}

impl Link for WebLink {
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        let mut seen = self.seen.borrow_mut();
        if seen.unread > seen.max_unread {
            return Poll::Ready(Input::Lost);
        }
        let Some(input) = seen.inputs.pop_front() else {
            seen.waker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        seen.unread -= cost(&input);
        Poll::Ready(input)
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        if self.said_close {
            // There is room for whatever it is, and `start_send` refuses it.
            return Poll::Ready(Ok(()));
        }
        let most = self.config.max_buffered_bytes;
        self.poll_buffered(cx, most)
    }

    fn start_send(&mut self, frame: Frame) -> Result<(), Broken> {
        if self.socket.ready_state() != WebSocket::OPEN {
            return Err(Broken);
        }
        let sent = match frame {
            Frame::Text(text) => self.socket.send_with_str(&text),
            // It cannot, and the client knows.
            Frame::Ping => Ok(()),
            Frame::Close { code } => {
                self.said_close = true;
                self.socket.close_with_code(close_code(code))
            }
        };
        sent.map_err(|_| Broken)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        if self.said_close {
            // What was given to it before goes out before its close frame.
            return Poll::Ready(Ok(()));
        }
        self.poll_buffered(cx, 0)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut seen = self.seen.borrow_mut();
        if seen.is_closed {
            return Poll::Ready(());
        }
        seen.waker = Some(cx.waker().clone());
        // A second call does nothing, and the code is one that is allowed.
        let _ = self.socket.close_with_code(NORMAL);
        Poll::Pending
    }
}

impl Drop for WebLink {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close_with_code(NORMAL);
    }
}

impl Handlers {
    fn set(socket: &WebSocket, seen: &Rc<RefCell<Seen>>) -> Self {
        let told = Rc::clone(seen);
        let open = Closure::<dyn FnMut(Event)>::new(move |_| Seen::tell(&told, Told::Open));
        let told = Rc::clone(seen);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            Seen::tell(&told, Told::Input(input(&event.data())));
        });
        let told = Rc::clone(seen);
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            Seen::tell(&told, Told::Closed(closed(event.code())));
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Self { _open: open, _message: message, _close: close }
    }
}

enum Told {
    Open,
    Input(Input),
    Closed(Input),
}

impl Seen {
    fn tell(seen: &RefCell<Self>, told: Told) {
        let waker = {
            let mut seen = seen.borrow_mut();
            match told {
                Told::Open => seen.is_open = true,
                // It will never be read.
                Told::Input(_) if seen.unread > seen.max_unread => seen.inputs.clear(),
                Told::Input(input) => {
                    seen.unread += cost(&input);
                    seen.inputs.push_back(input);
                }
                Told::Closed(input) => {
                    seen.is_closed = true;
                    seen.unread += cost(&input);
                    seen.inputs.push_back(input);
                }
            }
            seen.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// What it takes to keep this, in bytes; so that messages without a content are not kept without a bound, either.
fn cost(input: &Input) -> usize {
    size_of::<Input>() + if let Input::Text(text) = input { text.len() } else { 0 }
}

fn input(data: &JsValue) -> Input {
    // RFC 6455 § 8.1: the browser has checked that it is UTF-8.
    data.as_string().map_or(Input::Binary, |text| Input::Text(ByteString::from(text)))
}

/// RFC 6455 § 7.4.1: two codes are never sent, but tell that there was no close frame, or no code in it.
fn closed(code: u16) -> Input {
    match code {
        NO_CLOSE_FRAME => Input::Lost,
        NO_CODE => Input::Closed { code: None },
        code => Input::Closed { code: Some(code) },
    }
}

/// The code that a page may send in place of this one: 1000 and those from 3000 on are allowed.
fn close_code(code: u16) -> u16 {
    match code {
        NORMAL | FIRST_ALLOWED..=LAST_ALLOWED => code,
        1001..=1999 => code + (FIRST_PRIVATE - NORMAL),
        _ => FIRST_PRIVATE,
    }
}

const SUBPROTOCOL: &str = "xmpp";
const NOT_TOLD: &str = "the browser does not tell pages why";
const LOOK_AGAIN: Duration = Duration::from_millis(10);

// RFC 6455 § 7.4.
const NORMAL: u16 = 1000;
const NO_CODE: u16 = 1005;
const NO_CLOSE_FRAME: u16 = 1006;
const FIRST_ALLOWED: u16 = 3000;
const FIRST_PRIVATE: u16 = 4000;
const LAST_ALLOWED: u16 = 4999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_that_a_page_may_send_are_sent() {
        for (code, expected) in [
            (1000, 1000),
            (1001, 4001),
            (1002, 4002),
            (1009, 4009),
            (1011, 4011),
            (2999, 4000),
            (3000, 3000),
            (4999, 4999),
            (5000, 4000),
            (0, 4000),
        ] {
            assert_eq!(close_code(code), expected);
        }
    }

    #[test]
    fn an_end_without_a_close_frame_is_a_lost_connection() {
        assert_eq!(closed(1006), Input::Lost);
        assert_eq!(closed(1005), Input::Closed { code: None });
        assert_eq!(closed(1000), Input::Closed { code: Some(1000) });
        assert_eq!(closed(4009), Input::Closed { code: Some(4009) });
    }
}
