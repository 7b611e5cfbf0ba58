//! One virtual router on one host.
//!
//! The instance moves its own timers and answers packets. What concerns its sync group it does not decide: it returns a
//! [`Wish`], and the node asks the group.

use crate::action::{Action, Advertisement, Cause, Invocation, Notice, NoticeEvent, Reach, Subject, Trace};
use crate::input::{LinkFacts, LinkId};
use crate::plan::InstancePlan;
use crate::time::Instant;
use crate::vrrp::counters::Counters;
use crate::vrrp::state::{Faults, State, StateName};
use crate::vrrp::timers;
use crate::wire::hmac::{Heard, SOURCES_MAX, Sequence};
use crate::wire::{Accepted, Advert, Expect, Outgoing, Packet, Refusal};
use kalc_ir::vrrp::OldChecksum;
use kalc_ir::{Command, Family};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// What surrounds an instance while it takes a step.
pub(crate) struct Cx<'a> {
    pub now: Instant,
    /// The time since 1970, as the host has it.
    pub utc: Duration,
    pub links: &'a [Option<LinkFacts>],
    pub out: &'a mut Vec<Action>,
}

/// What an instance would do by itself; its sync group may have a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The time to begin has come.
    Begin,
    /// Become master: no advert for the master-down interval.
    Master,
    /// Become backup of the router at that address.
    Backup(IpAddr),
    /// Become backup because another one may be master by now.
    GiveWay,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instance {
    pub plan: InstancePlan,
    pub link: LinkId,
    /// Where adverts leave.
    pub voice: LinkId,
    pub state: State,
    pub faults: Faults,
    /// Priority in adverts and elections.
    pub effective: u8,
    /// Interval of the master that was accepted last; its own before that (RFC 9568 section 6.1,
    /// Active_Adver_Interval).
    pub learned: Duration,
    /// Who was accepted as master last.
    pub master: Option<IpAddr>,
    /// Its priority, if it is another one.
    pub master_priority: u8,
    pub counters: Counters,
    pub last_transition: Instant,
    /// Whose differing addresses were told.
    told_addresses: Option<IpAddr>,
    /// Whose differing interval was told.
    told_interval: Option<IpAddr>,
    ip_identification: u16,
    /// Last sequence number of authentication headers, sent or accepted: keepalived counts both with one counter, so
    /// that a new master goes on where the old one stopped.
    ah_sequence: u32,
    /// Number of the last advert that was signed by `auth_hmac`.
    hmac_sequence: Sequence,
    /// Numbers of those that were heard.
    hmac_heard: Heard,
    /// Whether peers were found to use the checksum of old versions.
    uses_old_checksum: bool,
}

impl Instance {
    pub fn new(plan: InstancePlan, link: LinkId, voice: LinkId) -> Self {
        let uses_old_checksum = plan.ir().old_unicast_checksum == OldChecksum::Always;
        Instance {
            link,
            voice,
            state: State::Init { begin_at: None },
            faults: Faults::default(),
            effective: plan.ir().priority.get(),
            learned: plan.interval(),
            master: None,
            master_priority: 0,
            counters: Counters::default(),
            last_transition: Instant::ZERO,
            told_addresses: None,
            told_interval: None,
            ip_identification: 0,
            ah_sequence: 0,
            hmac_sequence: Sequence::default(),
            hmac_heard: Heard::default(),
            uses_old_checksum,
            plan,
        }
    }

    /// Goes on where the instance of that name was before a reload.
    pub fn take_over(&mut self, old: Instance) {
        let Instance {
            plan: _,
            link: _,
            voice: _,
            state,
            faults,
            effective,
            learned,
            master,
            master_priority,
            counters,
            last_transition,
            told_addresses,
            told_interval,
            ip_identification,
            ah_sequence,
            hmac_sequence,
            hmac_heard,
            uses_old_checksum,
        } = old;
        let interval_changed = old.plan.interval() != self.plan.interval();
        self.state = state;
        self.faults = faults;
        self.effective = effective;
        self.learned = if interval_changed { self.plan.interval() } else { learned };
        self.master = master;
        self.master_priority = master_priority;
        self.counters = counters;
        self.last_transition = last_transition;
        self.told_addresses = told_addresses;
        self.told_interval = told_interval;
        self.ip_identification = ip_identification;
        self.ah_sequence = ah_sequence;
        self.hmac_sequence = hmac_sequence;
        self.hmac_heard = hmac_heard;
        self.uses_old_checksum = match self.plan.ir().old_unicast_checksum {
            OldChecksum::Automatic => uses_old_checksum,
            OldChecksum::Always => true,
            OldChecksum::Never => false,
        };
    }

    /// The address that adverts come from, if there is one.
    pub fn source(&self, links: &[Option<LinkFacts>]) -> Option<IpAddr> {
        self.plan.ir().source.or_else(|| {
            let facts = links.get(self.link.index()).copied().flatten()?;
            match self.plan.family {
                Family::Ipv4 => facts.ipv4.map(IpAddr::V4),
                Family::Ipv6 => facts.ipv6.map(IpAddr::V6),
            }
        })
    }

    /// Time passes.
    pub fn tick(&mut self, cx: &mut Cx<'_>) -> Option<Wish> {
        match self.state {
            State::Init { begin_at } => begin_at.filter(|&at| at <= cx.now).map(|_| Wish::Begin),
            State::Backup { master_down_at, .. } => (master_down_at <= cx.now).then_some(Wish::Master),
            State::Master { .. } if self.is_late(cx.now) => Some(Wish::GiveWay),
            State::Master { .. } => {
                self.tick_as_master(cx);
                None
            }
            State::Fault => None,
        }
    }

    /// Whether this master was kept from running for so long that a backup has taken over if there is one
    /// (`timer_expired_backup`): the last advert is older than what the one of the highest priority waits.
    fn is_late(&self, now: Instant) -> bool {
        let (ir, interval) = (self.plan.ir(), self.plan.interval());
        let (State::Master { advert_at, .. }, Some(highest)) = (&self.state, ir.timer_expired_backup) else {
            return false;
        };
        let wait = timers::master_down(ir.version, highest, interval, ir.down_timer_adverts);
        now + interval >= *advert_at + wait
    }

    fn tick_as_master(&mut self, cx: &mut Cx<'_>) {
        let (interval, effective, now) = (self.plan.interval(), self.effective, cx.now);
        let ir = self.plan.ir();
        let (repeat, lower_repeat) = (ir.garp_master_repeat, ir.garp_lower_prio_repeat);
        let (refresh, refresh_repeat) =
            (Duration::from_micros(ir.garp_master_refresh_us), ir.garp_master_refresh_repeat);
        let is_due = |at: &Option<Instant>| at.is_some_and(|at| at <= now);
        let elsewhere = Duration::from_micros(ir.garp_extra_if_us);
        let State::Master { advert_at, second_burst_at, refresh_at, lower_burst_at, elsewhere_at, .. } =
            &mut self.state
        else {
            return;
        };
        // RFC 9568 6.4.3: the Adver_Timer fires. A late timer must not make later adverts late too, and after a pause
        // one advert makes up for all that were missed.
        let advert_is_due = *advert_at <= now;
        if advert_is_due {
            let next = *advert_at + interval;
            *advert_at = if next > now { next } else { now + interval };
        }
        let mut rounds = Vec::new();
        if is_due(second_burst_at) {
            *second_burst_at = None;
            rounds.push(repeat);
        }
        if is_due(lower_burst_at) {
            *lower_burst_at = None;
            rounds.push(lower_repeat);
        }
        if is_due(refresh_at) {
            *refresh_at = Some(now + refresh);
            rounds.push(refresh_repeat);
        }
        let elsewhere_is_due = is_due(elsewhere_at);
        if elsewhere_is_due {
            *elsewhere_at = (!elsewhere.is_zero()).then(|| now + elsewhere);
        }
        if advert_is_due {
            self.send(cx, effective);
        }
        if elsewhere_is_due {
            cx.out.push(Action::Announce { instance: self.plan.id, reach: Reach::Elsewhere, rounds: 1 });
        }
        for rounds in rounds {
            self.announce(cx, rounds);
        }
    }

    /// A packet for this instance arrived.
    pub fn packet(&mut self, cx: &mut Cx<'_>, packet: &Packet<'_>) -> Option<Wish> {
        // Nobody is there before the start and after the end; a faulty instance does not listen either.
        if matches!(self.state, State::Init { .. } | State::Fault) {
            return None;
        }
        let accepted = match self.accept(cx, packet) {
            Ok(accepted) => accepted,
            Err(reason) => {
                self.counters.refuse(reason);
                let source = packet.peek().map(|peek| peek.source);
                cx.out.push(Action::Trace(Trace::Refused { instance: Some(self.plan.id), source, reason }));
                return None;
            }
        };
        self.counters.adverts_received += 1;
        if accepted.advert.priority == 0 {
            self.counters.priority_zero_received += 1;
        }
        if let Some(sequence) = accepted.ah_sequence {
            self.ah_sequence = sequence;
        }
        if let Some(sequence) = accepted.hmac_sequence {
            let most = self.plan.ir().unicast_peers().map_or(SOURCES_MAX, <[_]>::len);
            self.hmac_heard.note(accepted.source, sequence, most);
        }
        self.uses_old_checksum |=
            accepted.used_old_checksum && self.plan.ir().old_unicast_checksum != OldChecksum::Never;
        self.compare(cx, &accepted);
        match self.state {
            State::Init { .. } | State::Fault => None,
            State::Backup { .. } => {
                self.advert_as_backup(cx, &accepted.advert, accepted.source);
                None
            }
            State::Master { .. } => self.advert_as_master(cx, &accepted.advert, accepted.source),
        }
    }

    fn accept(&self, cx: &Cx<'_>, packet: &Packet<'_>) -> Result<Accepted, Refusal> {
        let ir = self.plan.ir();
        let expect = Expect {
            family: self.plan.family,
            version: ir.version,
            vrid: self.plan.vrid,
            auth: &ir.auth,
            interval_us: ir.advert_interval_us,
            transport: &ir.transport,
            checks_unicast_source: ir.checks_unicast_source,
            v3_checksum_as_v2: ir.v3_checksum_as_v2,
            old_unicast_checksum: ir.old_unicast_checksum,
            own_source: self.source(cx.links),
            ah_last_sequence: self.ah_sequence,
            utc: cx.utc,
            hmac_heard: &self.hmac_heard,
        };
        crate::wire::receive(&expect, packet)
    }

    /// Tells, once for each master, what in its adverts is not as here although they are accepted.
    fn compare(&mut self, cx: &mut Cx<'_>, accepted: &Accepted) {
        let (instance, source) = (self.plan.id, accepted.source);
        if accepted.advert.priority == 0 {
            return;
        }
        // The order is free (RFC 9568 section 7.1 speaks of the list; keepalived compares as sets).
        if self.told_addresses != Some(source) && !same_addresses(&accepted.advert.addresses, &self.plan.addresses) {
            self.told_addresses = Some(source);
            cx.out.push(Action::Trace(Trace::AddressesDiffer { instance, source }));
        }
        let interval_us = accepted.advert.interval.as_micros();
        if self.told_interval != Some(source) && interval_us != self.plan.ir().advert_interval_us {
            self.told_interval = Some(source);
            cx.out.push(Action::Trace(Trace::IntervalDiffers { instance, source, interval_us }));
        }
    }

    /// RFC 9568 6.4.2: an advert is heard in Backup.
    fn advert_as_backup(&mut self, cx: &mut Cx<'_>, advert: &Advert, source: IpAddr) {
        let now = cx.now;
        let ir = self.plan.ir();
        let (version, down_timer_adverts, preempts) = (ir.version, ir.down_timer_adverts, ir.preempts);
        let preempt_delay = Duration::from_micros(ir.preempt_delay_us);
        let (effective, learned) = (self.effective, self.learned);
        let State::Backup { master_down_at, spare_until, is_ready } = &mut self.state else { return };
        // The master stops: whoever has the highest priority takes over first.
        if advert.priority == 0 {
            *master_down_at = now + timers::skew(version, effective, learned);
            return;
        }
        let mut accepts = advert.priority >= effective || !preempts;
        // Differs: the standard has no delay. While it lasts, a master of lower priority is a master like any other.
        if !accepts && !preempt_delay.is_zero() {
            let until = *spare_until.get_or_insert(now + preempt_delay);
            accepts = now < until;
        } else if accepts {
            *spare_until = None;
        }
        if !accepts {
            return;
        }
        // RFC 9568 6.4.2 (420)-(430): the master's interval is the one that counts. In version 2 it is equal anyway.
        let learned = Duration::from_micros(advert.interval.as_micros());
        *master_down_at = now + timers::master_down(version, effective, learned, down_timer_adverts);
        *is_ready = false;
        self.learned = learned;
        self.master = Some(source);
        self.master_priority = advert.priority;
    }

    /// RFC 9568 6.4.3: an advert is heard as master.
    fn advert_as_master(&mut self, cx: &mut Cx<'_>, advert: &Advert, source: IpAddr) -> Option<Wish> {
        if self.is_late(cx.now) {
            return Some(Wish::GiveWay);
        }
        let ir = self.plan.ir();
        if ir.owner_ignore_adverts && ir.priority.is_owner() {
            return None;
        }
        let (sends_advert, higher_sends) = (!ir.lower_prio_no_advert, ir.higher_prio_send_advert);
        if advert.priority == 0 {
            self.answer(cx, |instance, cx| instance.send(cx, instance.effective));
            return None;
        }
        let own = self.source(cx.links);
        let has_higher_rank = (advert.priority, Some(source)) > (self.effective, own);
        if has_higher_rank {
            if higher_sends {
                // The winner then knows that somebody may have announced the addresses, and announces them again.
                self.send(cx, self.effective);
            }
            self.learned = Duration::from_micros(advert.interval.as_micros());
            self.master_priority = advert.priority;
            return Some(Wish::Backup(source));
        }
        // Differs: RFC 9568 section 6.4.3 (750) sends an advert; keepalived also announces, since neighbours may have
        // learnt the other's address.
        self.answer(cx, |instance, cx| {
            if sends_advert {
                instance.send(cx, instance.effective);
            }
            let ir = instance.plan.ir();
            let (repeat, delay) = (ir.garp_lower_prio_repeat, Duration::from_micros(ir.garp_lower_prio_delay_us));
            instance.announce(cx, repeat);
            if let State::Master { lower_burst_at, .. } = &mut instance.state
                && !delay.is_zero()
                && repeat > 0
            {
                *lower_burst_at = Some(cx.now + delay);
            }
            if let Some(command) = &instance.plan.ir().notify.master_rx_lower_pri {
                let commands = vec![Invocation { command: (**command).clone(), arguments: Vec::new() }];
                instance.notify_with(cx, NoticeEvent::MasterRxLowerPri, commands);
            }
        });
        None
    }

    /// Answers an advert that must not pass unanswered, at most twice in an interval.
    ///
    /// Differs: keepalived answers each one, so that a host with the secret, or none where none is needed, makes it
    /// send and announce as often as it likes. What was not answered is answered by the next advert.
    fn answer(&mut self, cx: &mut Cx<'_>, act: impl FnOnce(&mut Self, &mut Cx<'_>)) {
        let interval = self.plan.interval();
        let State::Master { answer_from, .. } = &mut self.state else { return };
        if cx.now < *answer_from {
            return;
        }
        *answer_from = cx.now + interval / 2;
        act(self, cx);
    }

    /// The effective priority is another one from now on.
    pub fn set_effective(&mut self, cx: &mut Cx<'_>, effective: u8) {
        let from = std::mem::replace(&mut self.effective, effective);
        if from == effective {
            return;
        }
        let (version, learned) = (self.plan.ir().version, self.learned);
        let event = match &mut self.state {
            // Differs: the standard knows no such change. keepalived moves the timer that runs by the difference of
            // the skews, so that it fires as if it had been started with the new priority.
            State::Backup { master_down_at, .. } => {
                let (old, new) = (timers::skew(version, from, learned), timers::skew(version, effective, learned));
                *master_down_at = (*master_down_at + new) - old;
                Some(NoticeEvent::BackupPriority)
            }
            State::Master { .. } => Some(NoticeEvent::MasterPriority),
            State::Init { .. } | State::Fault => None,
        };
        cx.out.push(Action::Trace(Trace::Priority { instance: self.plan.id, from, to: effective }));
        if let Some(event) = event.filter(|_| self.plan.ir().notifies_priority_changes) {
            self.notify(cx, event);
        }
    }

    /// RFC 9568 6.4.1 (155) and 6.4.2 (365): becomes master.
    pub fn become_master(&mut self, cx: &mut Cx<'_>, cause: Cause) {
        let ir = self.plan.ir();
        let now = cx.now;
        let (delay, refresh) =
            (Duration::from_micros(ir.garp_master_delay_us), Duration::from_micros(ir.garp_master_refresh_us));
        let (repeat, elsewhere) = (ir.garp_master_repeat, Duration::from_micros(ir.garp_extra_if_us));
        self.learned = self.plan.interval();
        self.counters.became_master += 1;
        self.enter(
            cx,
            State::Master {
                advert_at: now + self.plan.interval(),
                second_burst_at: (!delay.is_zero()).then(|| now + delay),
                refresh_at: (!refresh.is_zero()).then(|| now + delay + refresh),
                lower_burst_at: None,
                // Measured: from the beginning, whenever the second burst is.
                elsewhere_at: (!elsewhere.is_zero()).then(|| now + elsewhere),
                answer_from: now,
            },
            cause,
        );
        self.master = self.source(cx.links);
        // The advert goes first: it makes the old master let go before the addresses are here.
        self.send(cx, self.effective);
        cx.out.push(Action::Bind(self.plan.id));
        self.announce(cx, repeat);
        self.notify(cx, NoticeEvent::Master);
    }

    /// Becomes backup, with a whole master-down interval before it.
    pub fn become_backup(&mut self, cx: &mut Cx<'_>, cause: Cause) {
        let ir = self.plan.ir();
        match cause {
            Cause::HigherPriority(address) => self.master = Some(address),
            // What was learnt before belongs to the past.
            Cause::Started | Cause::Recovered => (self.learned, self.master) = (self.plan.interval(), None),
            Cause::MasterDown | Cause::Owner | Cause::Late | Cause::Fault | Cause::Group | Cause::Stopped => {}
        }
        let down = timers::master_down(ir.version, self.effective, self.learned, ir.down_timer_adverts);
        self.leave_master(cx);
        self.enter(cx, State::Backup { master_down_at: cx.now + down, spare_until: None, is_ready: false }, cause);
        self.notify(cx, NoticeEvent::Backup);
    }

    /// In a sync group whose other members are not ready: waits another interval.
    pub fn wait_for_group(&mut self, now: Instant) {
        let skew = timers::skew(self.plan.ir().version, self.effective, self.learned);
        if let State::Backup { master_down_at, is_ready, .. } = &mut self.state {
            *is_ready = true;
            *master_down_at = now + self.learned + skew;
        }
    }

    /// Something that it needs has failed.
    pub fn become_fault(&mut self, cx: &mut Cx<'_>, cause: Cause) {
        // Differs: the standard knows no such state. Peers need not wait for the master-down interval.
        self.say_goodbye(cx);
        self.leave_master(cx);
        self.master = None;
        self.enter(cx, State::Fault, cause);
        self.notify(cx, NoticeEvent::Fault);
    }

    /// RFC 9568 6.4.3 (605): the daemon ends, or a reload takes the instance away.
    pub fn stop(&mut self, cx: &mut Cx<'_>, event: NoticeEvent) {
        self.say_goodbye(cx);
        self.leave_master(cx);
        self.enter(cx, State::Init { begin_at: None }, Cause::Stopped);
        match event {
            // Gone by a reload and not told as DELETED: keepalived runs `notify`, but not `notify_fault` (measured).
            NoticeEvent::Fault => self.notify_all(cx, event, None),
            NoticeEvent::Stop
            | NoticeEvent::Deleted
            | NoticeEvent::Master
            | NoticeEvent::Backup
            | NoticeEvent::MasterRxLowerPri
            | NoticeEvent::MasterPriority
            | NoticeEvent::BackupPriority => self.notify(cx, event),
        }
    }

    fn say_goodbye(&mut self, cx: &mut Cx<'_>) {
        if self.state.is_master() {
            self.counters.priority_zero_sent += 1;
            self.send(cx, 0);
        }
    }

    fn leave_master(&mut self, cx: &mut Cx<'_>) {
        if self.state.is_master() {
            self.counters.released_master += 1;
            cx.out.push(Action::Unbind(self.plan.id));
        }
    }

    fn enter(&mut self, cx: &mut Cx<'_>, state: State, cause: Cause) {
        let (from, to) = (self.state.name(), state.name());
        self.state = state;
        if from != to {
            self.last_transition = cx.now;
            cx.out.push(Action::Trace(Trace::Transition { instance: self.plan.id, from, to, cause }));
        }
    }

    fn announce(&mut self, cx: &mut Cx<'_>, rounds: u32) {
        if rounds > 0 {
            self.counters.bursts += 1;
            cx.out.push(Action::Announce { instance: self.plan.id, reach: Reach::All, rounds });
        }
    }

    /// Sends an advert to the group or to each peer. Without a link or an address there is nothing to send with.
    fn send(&mut self, cx: &mut Cx<'_>, priority: u8) {
        let has_link = cx.links.get(self.voice.index()).copied().flatten().is_some_and(|facts| facts.is_up);
        let Some(source) = self.source(cx.links).filter(|_| has_link) else { return };
        // keepalived counts from 1 and leaves out 0, which would let the kernel choose.
        self.ip_identification = self.ip_identification.checked_add(1).unwrap_or(1);
        self.ah_sequence = self.ah_sequence.wrapping_add(1);
        self.hmac_sequence = self.hmac_sequence.next(cx.utc);
        let ir = self.plan.ir();
        for destination in self.plan.destinations() {
            let mut bytes = Vec::with_capacity(128);
            let outgoing = Outgoing {
                family: self.plan.family,
                version: ir.version,
                vrid: self.plan.vrid,
                priority,
                interval_us: ir.advert_interval_us,
                addresses: &self.plan.addresses,
                auth: &ir.auth,
                source,
                destination,
                ttl: self.plan.ttl(),
                ip_identification: self.ip_identification,
                ah_sequence: self.ah_sequence,
                hmac_sequence: self.hmac_sequence,
                old_unicast_checksum: self.uses_old_checksum,
                v3_checksum_as_v2: ir.v3_checksum_as_v2,
            };
            outgoing.encode(&mut bytes);
            self.counters.adverts_sent += 1;
            let bytes: Arc<[u8]> = bytes.into();
            let ttl = self.plan.ttl();
            cx.out.push(Action::Send(Advertisement { link: self.voice, source, destination, ttl, bytes }));
        }
    }

    /// Tells commands and named pipes of a change: the command for this change first, then the one for every change.
    ///
    /// Changes of priority are for pipes alone: keepalived 2.2.7 runs no command for them (measured).
    fn notify(&self, cx: &mut Cx<'_>, event: NoticeEvent) {
        let notify = &self.plan.ir().notify;
        let own = match event {
            NoticeEvent::Master => &notify.master,
            NoticeEvent::Backup => &notify.backup,
            NoticeEvent::Fault => &notify.fault,
            NoticeEvent::Stop => &notify.stop,
            NoticeEvent::Deleted => &notify.deleted,
            NoticeEvent::MasterRxLowerPri => &None,
            NoticeEvent::MasterPriority | NoticeEvent::BackupPriority => {
                return self.notify_with(cx, event, Vec::new());
            }
        };
        self.notify_all(cx, event, own.as_deref());
    }

    /// Tells of a change: the command that is given first, then the one for every change.
    fn notify_all(&self, cx: &mut Cx<'_>, event: NoticeEvent, own: Option<&Command>) {
        let mut commands = Vec::new();
        if let Some(command) = own {
            commands.push(Invocation { command: command.clone(), arguments: Vec::new() });
        }
        if let Some(command) = &self.plan.ir().notify.any {
            let arguments = vec![
                "INSTANCE".to_owned(),
                self.plan.name.to_string(),
                event.word().to_owned(),
                self.effective.to_string(),
            ];
            commands.push(Invocation { command: (**command).clone(), arguments });
        }
        self.notify_with(cx, event, commands);
    }

    fn notify_with(&self, cx: &mut Cx<'_>, event: NoticeEvent, commands: Vec<Invocation>) {
        cx.out.push(Action::Notify(Notice {
            subject: Subject::Instance(self.plan.id),
            name: Arc::clone(&self.plan.name),
            event,
            priority: self.effective,
            commands,
        }));
    }

    /// Its state, without timers.
    pub fn state_name(&self) -> StateName {
        self.state.name()
    }
}

fn same_addresses(heard: &[IpAddr], own: &[IpAddr]) -> bool {
    if heard == own {
        return true;
    }
    let sorted = |list: &[IpAddr]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    heard.len() == own.len() && sorted(heard) == sorted(own)
}
