//! tungstenite's messages and errors, as the core sees them.

use bytes::Bytes;
use bytestring::ByteString;
use tungstenite::error::ProtocolError;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::Frame as RawFrame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Error, Message, Utf8Bytes};
use xmpp_ws::endpoint::{Input, WebSocketFault};
use xmpp_ws_driver::{Codec, Frame};

/// The [`Codec`] of tungstenite 0.30 and the crates around it. No text is copied, either way.
#[derive(Clone, Copy, Debug)]
pub struct Tungstenite;

impl Codec for Tungstenite {
    type Message = Message;
    type Error = Error;

    fn input(message: Message) -> Option<Input> {
        Some(match message {
            // RFC 6455 § 5.4: it may have come in fragments, which tungstenite has put together.
            // tungstenite has checked it, but cannot hand the proof over; this looks again, and copies nothing.
            Message::Text(text) => match ByteString::try_from(Bytes::from(text)) {
                Ok(text) => Input::Text(text),
                Err(_) => Input::Unreadable(WebSocketFault::NotUtf8),
            },
            Message::Binary(_) => Input::Binary,
            Message::Ping(_) => Input::Ping,
            Message::Pong(_) => Input::Pong,
            Message::Close(frame) => Input::Closed { code: frame.map(|frame| frame.code.into()) },
            // It comes from no read.
            Message::Frame(_) => return None,
        })
    }

    fn message(frame: Frame) -> Message {
        match frame {
            // As a frame, so that the text, which is known to be UTF-8, is not checked again.
            Frame::Text(text) => {
                Message::Frame(RawFrame::message(text.into_bytes(), OpCode::Data(Data::Text), true))
            }
            Frame::Ping => Message::Ping(Bytes::new()),
            Frame::Close { code } => {
                Message::Close(Some(CloseFrame { code: code.into(), reason: Utf8Bytes::default() }))
            }
        }
    }

    fn fault(error: Error) -> Input {
        match error {
            Error::Capacity(_) => Input::Unreadable(WebSocketFault::TooLong),
            Error::Utf8(_) => Input::Unreadable(WebSocketFault::NotUtf8),
            Error::Protocol(fault) if fault != ProtocolError::ResetWithoutClosingHandshake => {
                Input::Unreadable(WebSocketFault::Protocol)
            }
            Error::AttackAttempt => Input::Unreadable(WebSocketFault::Protocol),
            // The stream ended, and no close frame was there.
            Error::Protocol(_)
            | Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Io(_)
            | Error::Tls(_)
            // The others come from no read.
            | Error::WriteBufferFull(_)
            | Error::Url(_)
            | Error::Http(_)
            | Error::HttpFormat(_) => Input::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_not_copied() {
        let text = ByteString::from("<message/>".repeat(100));
        let place = text.as_bytes().as_ptr();
        let Message::Frame(frame) = Tungstenite::message(Frame::Text(text.clone())) else {
            panic!("not a frame");
        };
        assert_eq!(frame.payload().as_ptr(), place);
        assert!(frame.header().is_final);

        let message = Message::Text(text.into_bytes().try_into().unwrap());
        let Some(Input::Text(text)) = Tungstenite::input(message) else {
            panic!("not a text");
        };
        assert_eq!(text.as_bytes().as_ptr(), place);
    }

    #[test]
    fn an_end_without_a_close_frame_is_no_violation() {
        let reset = Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
        assert_eq!(Tungstenite::fault(reset), Input::Lost);
        assert_eq!(
            Tungstenite::fault(Error::Protocol(ProtocolError::NonZeroReservedBits)),
            Input::Unreadable(WebSocketFault::Protocol)
        );
    }

    #[test]
    fn close_codes_are_kept() {
        for code in [1000, 1002, 1003, 1007, 1009, 3000] {
            let message = Tungstenite::message(Frame::Close { code });
            let closed = Input::Closed { code: Some(code) };
            assert_eq!(Tungstenite::input(message), Some(closed));
        }
        let closed = Input::Closed { code: None };
        assert_eq!(Tungstenite::input(Message::Close(None)), Some(closed));
    }
}
