//! What may go wrong, and how people write it.

use crate::time::Instant;
use std::time::Duration;

/// What a script will do from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptWill {
    /// It ends with status 0.
    Pass,
    /// It ends with another one.
    Fail,
    /// It does not end by itself.
    Hang,
}

/// Something that happens to a host or to the network; hosts are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The host is gone from one moment to the next.
    Kill(usize),
    /// The daemon ends in order.
    Stop(usize),
    /// Host and daemon start again.
    Start(usize),
    /// All its interfaces lose their carrier.
    LinkDown(usize),
    /// They have it again.
    LinkUp(usize),
    /// The host stands still, as a virtual machine that is moved. What is sent to it waits.
    Pause(usize),
    /// It goes on.
    Resume(usize),
    /// Nothing gets from one host to another; the way back stays.
    Cut {
        /// Who is not heard.
        from: usize,
        /// Who does not hear.
        to: usize,
    },
    /// Nothing gets to or from a host, whose carrier stays.
    Partition(usize),
    /// All cuts and partitions, loss and duplicates end.
    Heal,
    /// So many packets of a thousand are lost.
    Loss(u16),
    /// So many packets of a thousand arrive twice.
    Duplicate(u16),
    /// Packets take up to that long; later ones may overtake them.
    Delay(Duration),
    /// The clock of a host leaps ahead.
    Jump(usize, Duration),
    /// A script behaves otherwise from now on; by its place in the configuration.
    Script {
        /// Where.
        host: usize,
        /// Which.
        script: usize,
        /// How.
        will: ScriptWill,
    },
}

/// Names that [`parse`] knows.
pub trait Names {
    /// The host of that name.
    fn host(&self, name: &str) -> Option<usize>;
    /// The script of that name on a host.
    fn script(&self, host: usize, name: &str) -> Option<usize>;
}

/// What can be written, for help texts.
pub const SYNTAX: &str = "kill|stop|start|pause|resume HOST, link-down|link-up HOST, partition HOST, cut FROM TO, heal, \
loss PERCENT, duplicate PERCENT, delay TIME, jump HOST TIME, fail|hang|pass HOST SCRIPT; then `at TIME`";

/// Reads `WHAT … at TIME`, such as `kill web1 at 5s` or `loss 20 at 1500ms`.
///
/// # Errors
/// Says what is wrong, for the person who wrote it.
pub fn parse(text: &str, names: &dyn Names) -> Result<(Instant, Fault), String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [what @ .., "at", at] = &words[..] else {
        return Err(format!("`{text}` does not say when: end it with `at TIME`, such as `at 5s`"));
    };
    let at = Instant::ZERO + duration(at)?;
    let host = |name: &str| names.host(name).ok_or_else(|| format!("there is no host `{name}`"));
    let fault = match what {
        ["kill", name] => Fault::Kill(host(name)?),
        ["stop", name] => Fault::Stop(host(name)?),
        ["start", name] => Fault::Start(host(name)?),
        ["pause", name] => Fault::Pause(host(name)?),
        ["resume", name] => Fault::Resume(host(name)?),
        ["link-down", name] => Fault::LinkDown(host(name)?),
        ["link-up", name] => Fault::LinkUp(host(name)?),
        ["partition", name] => Fault::Partition(host(name)?),
        ["cut", from, to] => Fault::Cut { from: host(from)?, to: host(to)? },
        ["heal"] => Fault::Heal,
        ["loss", percent] => Fault::Loss(permille(percent)?),
        ["duplicate", percent] => Fault::Duplicate(permille(percent)?),
        ["delay", time] => Fault::Delay(duration(time)?),
        ["jump", name, time] => Fault::Jump(host(name)?, duration(time)?),
        [will @ ("fail" | "hang" | "pass"), name, script] => {
            let host = host(name)?;
            let script = names.script(host, script).ok_or_else(|| format!("`{name}` has no script `{script}`"))?;
            let will = match *will {
                "fail" => ScriptWill::Fail,
                "hang" => ScriptWill::Hang,
                _ => ScriptWill::Pass,
            };
            Fault::Script { host, script, will }
        }
        _ => return Err(format!("`{}` is no event; there are: {SYNTAX}", what.join(" "))),
    };
    Ok((at, fault))
}

/// Reads a time: `5s`, `1.5s`, `200ms`, `3m`; a number alone means seconds.
///
/// # Errors
/// Says what is wrong, for the person who wrote it.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: write 5s, 200ms or 3m");
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let nanos_per_unit: u64 = match unit {
        "" | "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" => 1_000,
        "m" | "min" => 60_000_000_000,
        _ => return Err(wrong()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.len() > 9 || (whole.is_empty() && fraction.is_empty()) {
        return Err(wrong());
    }
    let digits = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<u64>().map_err(|_| wrong()) };
    let scale = 10u64.pow(u32::try_from(fraction.len()).unwrap_or(9));
    let whole = digits(whole)?.checked_mul(nanos_per_unit).ok_or_else(wrong)?;
    let part = u128::from(digits(fraction)?) * u128::from(nanos_per_unit) / u128::from(scale);
    Ok(Duration::from_nanos(whole.checked_add(u64::try_from(part).unwrap_or(0)).ok_or_else(wrong)?))
}

fn permille(text: &str) -> Result<u16, String> {
    let percent = text.strip_suffix('%').unwrap_or(text);
    match percent.parse::<u16>() {
        Ok(percent) if percent <= 100 => Ok(percent * 10),
        Ok(_) | Err(_) => Err(format!("`{text}` is no percentage: write 0 to 100")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Two;

    impl Names for Two {
        fn host(&self, name: &str) -> Option<usize> {
            ["a", "b"].iter().position(|known| *known == name)
        }

        fn script(&self, _: usize, name: &str) -> Option<usize> {
            (name == "chk").then_some(0)
        }
    }

    #[test]
    fn events_are_read() {
        let at = |text| parse(text, &Two).map(|(at, fault)| (at.as_nanos() / 1_000_000, fault));
        assert_eq!(at("kill a at 5s"), Ok((5_000, Fault::Kill(0))));
        assert_eq!(at("cut a b at 200ms"), Ok((200, Fault::Cut { from: 0, to: 1 })));
        assert_eq!(at("loss 20% at 1.5"), Ok((1_500, Fault::Loss(200))));
        assert_eq!(at("jump b 3s at 1m"), Ok((60_000, Fault::Jump(1, Duration::from_secs(3)))));
        let fail = Fault::Script { host: 1, script: 0, will: ScriptWill::Fail };
        assert_eq!(at("fail b chk at 2s"), Ok((2_000, fail)));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (text, said) in [
            ("kill a", "does not say when"),
            ("kill c at 5s", "no host `c`"),
            ("explode a at 5s", "is no event"),
            ("kill a at soon", "is no time"),
            ("loss 200 at 1s", "no percentage"),
            ("fail a nothing at 1s", "no script"),
            ("kill a at .", "is no time"),
            ("kill a at 99999999999999999999s", "is no time"),
        ] {
            let error = parse(text, &Two).expect_err(text);
            assert!(error.contains(said), "{error}");
        }
    }
}
