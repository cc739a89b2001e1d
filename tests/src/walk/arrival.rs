use xmpp_ws::endpoint::Input;

use super::script::Script;
use super::{ENOUGH, Role, Walk};
use crate::solo::SERVER_OPEN;

impl<E: Role> Walk<E> {
    /// Where the next connection is made to a server, and by a transport, that do what they should, the client is logged
    /// in before long, whatever was before. If it ever was, it is not over, either.
    pub(super) fn arrive(&mut self) {
        self.take_all();
        // What the present connection ends for may be the end.
        if self.is_open {
            self.endpoint.handle(self.now, Input::Lost);
            self.is_gone = true;
        }
        self.tell_all();
        if self.has_ended() {
            return;
        }
        let begin = self.dials;
        for _ in 0..ENOUGH {
            if self.endpoint.is_bound() || (self.has_ended() && !self.was_bound) {
                return;
            }
            assert!(!self.has_ended(), "over, with a willing server: {:?}", self.ended);
            assert!(self.dials <= begin + MANY, "not bound by {MANY} dials");
            self.go_on_straight();
        }
        panic!("neither bound nor over");
    }

    /// The same as [`go_on`](Self::go_on), but nothing is said twice, and nothing that is not asked for.
    fn go_on_straight(&mut self) {
        self.take_all();
        self.tell_all();
        if let Some(request) = self.requests.pop() {
            return self.endpoint.decide(self.now, request, &mut Script(&[]));
        }
        if self.has_asked() {
            return self.answer_asked();
        }
        let said = std::mem::take(&mut self.said);
        match E::reply(&mut self.peer, &said).filter(|_| self.is_open && !self.is_gone) {
            Some(answer) => {
                // Features follow.
                let goes_on = answer == SERVER_OPEN;
                self.sees(Input::Text(answer.into()));
                self.said = if goes_on { said } else { String::new() };
            }
            None if self.has_hung_up && !self.is_gone => self.sees(Input::Closed { code: None }),
            None => self.pass_to_deadline(),
        }
    }
}

/// More dials than a client takes to give up a session that is not answered, each time by a front end that sends it
/// elsewhere, and to bind another.
const MANY: usize = 40;
