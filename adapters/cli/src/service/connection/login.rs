//! From the stream's opening to a place among the others: who is let in, and to what.

use std::sync::Arc;

use xmpp_ws::condition::Condition;
use xmpp_ws::error::Misuse;
use xmpp_ws::server::{
    BindRequest, CredentialsRequest, NotResumed, OpenRequest, PasswordRequest, ResumeRequest,
    Server,
};
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::time;
use xmpp_ws_tokio::xmpp_ws_driver::Io;

use super::Guest;
use crate::accounts::Accounts;
use crate::service::hub::Found;

impl<I: Io> Guest<I> {
    pub(super) fn open(&mut self, request: OpenRequest) {
        let is_served = request.to == self.service.host;
        if is_served {
            self.standing.open();
        }
        self.answer(|server, now| {
            if is_served {
                server.accept(now, request)
            } else {
                let error = StreamError::new(Condition::HostUnknown);
                server.refuse(now, request, error).map_err(Misuse::from)
            }
        });
    }

    pub(super) fn look_up(&mut self, request: CredentialsRequest) {
        let service = Arc::clone(&self.service);
        let keys = service.accounts.keys(request.username(), request.hash());
        self.answer(|server, now| server.credentials(now, request, keys));
    }

    pub(super) async fn verify(&mut self, request: PasswordRequest) {
        let service = Arc::clone(&self.service);
        let verify = move || {
            let accounts = &service.accounts;
            let keys = accounts.keys(request.username(), Accounts::PLAIN_HASH);
            request.verify(keys, accounts.decoy())
        };
        // It takes milliseconds, which others should not wait for.
        match tokio::task::spawn_blocking(verify).await {
            Ok(answer) => self.answer(|server, now| server.authenticate(now, answer)),
            Err(_) => self.fail(Condition::InternalServerError),
        }
    }

    pub(super) fn bind(&mut self, request: BindRequest) {
        if !self.standing.log_in() {
            // Another has its place already, and it is about to be told.
            return;
        }
        match self.service.hub.join(request.jid()) {
            Ok(member) => {
                tracing::info!(jid = %request.jid(), "bound");
                self.member = Some(member);
                self.answer(|server, now| server.bind(now, request));
            }
            Err(why) => self.answer(|server, now| server.refuse_bind(now, request, why)),
        }
    }

    /// Goes on with a session whose connection is gone, or is to go.
    pub(super) async fn resume(&mut self, request: ResumeRequest) {
        if !self.standing.log_in() {
            // As with binding; the session is kept.
            return;
        }
        let found = self.service.hub.resume(request.account(), request.previd()).await;
        match found {
            Found::Session(member, session) => {
                tracing::info!(jid = %session.jid(), "resumed");
                self.member = Some(member);
                let resumed =
                    self.session.command(|server, now| server.resume(now, request, *session));
                if let Err(NotResumed { why, session, .. }) = resumed {
                    tracing::debug!(%why, "not resumed");
                    self.suspend(*session);
                }
            }
            Found::Gone(handled) => {
                self.answer(|server, now| server.refuse_resume(now, request, handled));
            }
        }
    }

    /// The client can resume its session by this name.
    pub(super) fn can_resume(&mut self, id: &str) {
        if let (Some(member), Some(jid)) = (&mut self.member, self.session.endpoint().jid()) {
            member.can_resume(jid, id);
        }
    }

    fn answer(&mut self, answer: impl FnOnce(&mut Server, time::Instant) -> Result<(), Misuse>) {
        if let Err(misuse) = self.session.command(answer) {
            // The stream ended while it was being answered, and an event says so.
            tracing::debug!(%misuse, "too late");
        }
    }
}
