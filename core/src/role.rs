//! What a client and a server do alike with their stream while they negotiate.

use bytestring::ByteString;

use crate::ending::Ending;
use crate::endpoint::Input;
use crate::error::Violation;
use crate::frame::Frame;
use crate::stream::{Step, Stream};
use crate::time::Instant;

/// One of the two roles: what it does with a frame is its own, when it takes one is not.
pub(crate) trait Role {
    fn stream(&mut self) -> &mut Stream;

    /// Whether the application has something to answer before anything else can happen.
    fn is_waiting(&self) -> bool;

    /// Whether the way to a bound resource is still being gone.
    fn is_negotiating(&self) -> bool;

    /// Ends the negotiation; answers of the application's come too late from now on.
    fn leave_off(&mut self);

    /// Takes one frame that may come now.
    fn on_frame(&mut self, now: Instant, frame: Frame);

    /// Tells the application of a message that is passed over.
    fn on_discarded(&mut self, violation: Violation, text: ByteString);

    /// Tells the application of an element of the stream's in another user's name, which is passed over.
    fn on_ignored(&mut self, text: ByteString);

    /// The connection is over, for this reason.
    fn on_over(&mut self, now: Instant, why: Ending);

    /// All that came is taken, for now.
    fn settle(&mut self) {}

    /// Takes what the transport saw on an open connection. Time has passed already.
    fn take(&mut self, now: Instant, input: Input) {
        match input {
            Input::Text(text) if self.is_waiting() => self.stream().hold(now, text),
            input => {
                if self.is_waiting() && matches!(input, Input::Closed { .. } | Input::Lost) {
                    // What was held may say why the connection is gone.
                    self.leave_off();
                    self.go_on(now);
                }
                let step = self.stream().receive(now, input);
                self.on_step(now, step);
            }
        }
    }

    /// Takes what was held, as far as no answer of the application's is waited for. A stream that is being ended
    /// negotiates nothing more, and waits for none.
    fn go_on(&mut self, now: Instant) {
        loop {
            if self.stream().is_ending() && self.is_negotiating() {
                self.leave_off();
            }
            if self.is_waiting() {
                break;
            }
            match self.stream().receive_held(now) {
                Some(step) => self.on_step(now, step),
                None => break,
            }
        }
        self.settle();
    }

    fn on_step(&mut self, now: Instant, step: Step) {
        match step {
            Step::Nothing => {}
            Step::Frame(frame) => self.on_frame(now, frame),
            Step::Discarded(violation, text) => self.on_discarded(violation, text),
            Step::Ignored(text) => self.on_ignored(text),
            Step::Over(why) => self.on_over(now, why),
        }
    }
}
