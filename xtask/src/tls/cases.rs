//! Which programs there are, with which features of this crate, and what each of them is expected to do.

/// A program as somebody has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program {
    pub(super) name: &'static str,
    /// Its features in the package of the programs.
    features: &'static str,
    /// Whether it installs ring before anything else.
    installs: bool,
    /// What it does with TLS of its own.
    calls: &'static [&'static str],
    /// The provider that rustls installs in it when it is first asked, if the features name one.
    implied: Option<&'static str>,
}

const REQWEST: &[&str] = &["reqwest"];
const RUSTLS: &[&str] = &["ClientConfig", "ServerConfig"];
const BOTH: &[&str] = &["reqwest", "ClientConfig", "ServerConfig"];
const AWS: Option<&str> = Some("aws-lc-rs");
const RING: Option<&str> = Some("ring");

const fn program(
    name: &'static str,
    features: &'static str,
    calls: &'static [&'static str],
    implied: Option<&'static str>,
) -> Program {
    Program { name, features, installs: false, calls, implied }
}

const REQWEST_DEFAULT: Program = program("reqwest default", "reqwest-default", REQWEST, None);
const REQWEST_BARE: Program = program("reqwest without TLS", "reqwest", REQWEST, None);
const REQWEST_NATIVE: Program = program("reqwest native-tls", "reqwest-native-tls", REQWEST, None);
const REQWEST_RING: Program = Program {
    installs: true,
    ..program("reqwest rustls-no-provider, ring installed", "reqwest-no-provider,rustls-ring", BOTH, RING)
};
const RUSTLS_DEFAULT: Program = program("rustls default", "rustls-default", RUSTLS, AWS);
const RUSTLS_RING: Program = program("rustls with ring", "rustls-ring", RUSTLS, RING);
const RUSTLS_AND_REQWEST: Program =
    program("rustls default beside reqwest default", "rustls-default,reqwest-default", BOTH, AWS);

/// How the runs of a program end.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// All of them well.
    Well,
    /// At the first of these steps with this panic, and with the same in a program without this crate: see `CONTROLS`.
    AsWithout(&'static [&'static str], &'static str),
}

impl End {
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Well => "all is well",
            Self::AsWithout(..) => "a panic, as without upcloud",
        }
    }
}

/// What rustls says where both providers are switched on and none is installed.
const TWO_PROVIDERS: End = End::AsWithout(RUSTLS, "Could not automatically determine the process-level CryptoProvider");
/// What reqwest says where no provider is switched on and none is installed.
const NO_PROVIDER: End = End::AsWithout(REQWEST, "No rustls crypto provider is configured");

/// A program with some features of this crate, or without it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) program: Program,
    /// Features of this crate, separated by commas; none of them is "".
    pub(super) upcloud: Option<&'static str>,
    pub(super) end: End,
}

const fn case(program: Program, upcloud: &'static str) -> Case {
    Case { program, upcloud: Some(upcloud), end: End::Well }
}

const fn without(program: Program) -> Case {
    Case { program, upcloud: None, end: End::Well }
}

/// Programs without this crate. The last two are what `AsWithout` means: what features do to a program, whoever asks for them.
pub(super) const CONTROLS: [Case; 9] = [
    without(REQWEST_DEFAULT),
    without(REQWEST_BARE),
    without(REQWEST_NATIVE),
    without(REQWEST_RING),
    without(RUSTLS_DEFAULT),
    without(RUSTLS_RING),
    without(RUSTLS_AND_REQWEST),
    Case {
        end: TWO_PROVIDERS,
        ..without(program("rustls with ring beside reqwest default", "rustls-ring,reqwest-default", RUSTLS, None))
    },
    Case {
        end: NO_PROVIDER,
        ..without(program("reqwest rustls-no-provider, none installed", "reqwest-no-provider", REQWEST, None))
    },
];

const DEFAULT: &str = "default-tls";
const PROVIDERLESS: &str = "rustls-no-provider";
const NATIVE: &str = "native-tls";

/// Every program with every feature; without a feature where reqwest could be hurt; and each pair of features.
pub(super) const CASES: [Case; 28] = [
    case(REQWEST_BARE, ""),
    case(REQWEST_BARE, DEFAULT),
    Case { end: NO_PROVIDER, ..case(REQWEST_BARE, PROVIDERLESS) },
    case(REQWEST_BARE, NATIVE),
    case(REQWEST_BARE, "default-tls,rustls-no-provider"),
    case(REQWEST_BARE, "default-tls,native-tls"),
    case(REQWEST_BARE, "rustls-no-provider,native-tls"),
    case(REQWEST_DEFAULT, ""),
    case(REQWEST_DEFAULT, DEFAULT),
    case(REQWEST_DEFAULT, PROVIDERLESS),
    case(REQWEST_DEFAULT, NATIVE),
    case(REQWEST_NATIVE, DEFAULT),
    case(REQWEST_NATIVE, PROVIDERLESS),
    case(REQWEST_NATIVE, NATIVE),
    case(REQWEST_RING, ""),
    case(REQWEST_RING, DEFAULT),
    case(REQWEST_RING, PROVIDERLESS),
    case(REQWEST_RING, NATIVE),
    case(RUSTLS_DEFAULT, DEFAULT),
    case(RUSTLS_DEFAULT, PROVIDERLESS),
    case(RUSTLS_DEFAULT, NATIVE),
    case(RUSTLS_RING, ""),
    Case { end: TWO_PROVIDERS, ..case(RUSTLS_RING, DEFAULT) },
    case(RUSTLS_RING, PROVIDERLESS),
    case(RUSTLS_RING, NATIVE),
    case(RUSTLS_AND_REQWEST, DEFAULT),
    case(RUSTLS_AND_REQWEST, PROVIDERLESS),
    case(RUSTLS_AND_REQWEST, NATIVE),
];

impl Case {
    /// The features that the package of the programs is built with.
    pub(super) fn features(&self) -> String {
        let ours = self.upcloud.map(|features| match features {
            "" => "upcloud".to_owned(),
            some => some.split(',').map(|feature| format!("upcloud-{feature}")).collect::<Vec<_>>().join(","),
        });
        [self.program.features].into_iter().chain(ours.as_deref()).collect::<Vec<_>>().join(",")
    }

    /// The orders in which a program may do what it does: each of its calls alone and all of them, before our client is made
    /// and after, because the first call may install what the second needs.
    pub(super) fn runs(&self) -> Vec<Run> {
        let ours: &[&'static str] = if self.upcloud.is_some() { &["http", "https"] } else { &[] };
        let all = self.program.calls;
        let mut runs = Vec::new();
        for calls in all.chunks(1).chain((all.len() > 1).then_some(all)) {
            runs.push(self.run(&[calls, ours, calls].concat(), &[]));
            if !ours.is_empty() {
                runs.push(self.run(&[ours, calls].concat(), &[]));
            }
        }
        if self.upcloud == Some(DEFAULT) && !self.program.installs {
            runs.push(self.run(ours, &[("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/nonexistent")]));
        }
        runs
    }

    fn run(&self, steps: &[&'static str], environment: &'static [(&'static str, &'static str)]) -> Run {
        let install: &[_] = if self.program.installs { &["install-ring"] } else { &[] };
        let mut run = Run { steps: [install, steps].concat(), environment, lines: Vec::new(), panic: None };
        let mut provider = None;
        for step in &run.steps {
            if let End::AsWithout(at, message) = self.end
                && at.contains(step)
            {
                run.panic = Some(message);
                break;
            }
            let said = match *step {
                "https" if !environment.is_empty() => "ca-certificates",
                "https" => self.handshake(provider),
                _ => "done",
            };
            match *step {
                "install-ring" => provider = RING,
                "ClientConfig" | "ServerConfig" => provider = provider.or(self.program.implied),
                _ => {}
            }
            run.lines.push((*step, said));
        }
        run
    }

    /// What our client says of https, by the rule of `Cargo.toml`.
    fn handshake(&self, provider: Option<&'static str>) -> &'static str {
        let on = |feature| self.upcloud.is_some_and(|features| features.split(',').any(|on| on == feature));
        if on(NATIVE) {
            "OpenSSL, http/1.1"
        } else if on(DEFAULT) || on(PROVIDERLESS) && provider.is_some() {
            if provider == RING { "ring, http/1.1" } else { "aws-lc-rs, http/1.1" }
        } else if on(PROVIDERLESS) {
            "rustls::crypto::ring::default_provider().install_default()"
        } else {
            "built without TLS"
        }
    }
}

/// What a program is told to do, and what it is expected to say.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) steps: Vec<&'static str>,
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// Steps that are done, each with a part of what is said of it.
    lines: Vec<(&'static str, &'static str)>,
    /// What ends it, unless it ends well.
    panic: Option<&'static str>,
}

impl Run {
    /// What is not as expected.
    pub(super) fn difference(&self, said: &str, complained: &str) -> Option<String> {
        let mut found = said.lines();
        for (step, part) in &self.lines {
            let line = found.next().unwrap_or_default();
            let right = line.strip_prefix(step).is_some_and(|rest| match *part {
                "done" => rest == ": done",
                part => rest.contains(part),
            });
            if !right {
                return Some(format!("{step} should have said {part}"));
            }
        }
        match self.panic {
            Some(message) if !complained.contains(message) => Some(format!("it should have ended with: {message}")),
            None if complained.contains("panicked") => Some("it panicked".to_owned()),
            _ => found.next().map(|line| format!("it should not have said {line}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_expected_is_found() {
        let run = case(RUSTLS_DEFAULT, PROVIDERLESS).run(&["ClientConfig", "http", "https"], &[]);
        let well = "ClientConfig: done\nhttp: done\nhttps: aws-lc-rs, http/1.1\n";
        assert_eq!(run.difference(well, ""), None);
        assert_eq!(run.difference(well, "thread 'x' panicked at y"), Some("it panicked".to_owned()));
        for wrong in [
            "ClientConfig: done\nhttp: done\n",
            "ClientConfig: done\nhttp: error: x\nhttps: aws-lc-rs, http/1.1\n",
            "ClientConfig: done\nhttp: done\nhttps: ring, http/1.1\n",
            "ClientConfig: done\nhttp: done\nhttps: aws-lc-rs, h2 http/1.1\n",
        ] {
            assert!(run.difference(wrong, "").is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_panic_as_without_is_the_one_that_was_expected() {
        let case = Case { end: TWO_PROVIDERS, ..case(RUSTLS_RING, DEFAULT) };
        let run = case.run(&["http", "https", "ClientConfig", "ServerConfig"], &[]);
        let said = "http: done\nhttps: aws-lc-rs, http/1.1\n";
        assert_eq!(run.difference(said, "\nCould not automatically determine the process-level CryptoProvider"), None);
        assert!(run.difference(said, "thread 'main' panicked at another place").is_some());
        assert!(run.difference(said, "").is_some());
    }

    #[test]
    fn a_provider_that_is_installed_on_the_way_is_used() {
        let handshake = |order: &[&'static str]| case(RUSTLS_RING, PROVIDERLESS).run(order, &[]).lines[1].1;
        assert_eq!(handshake(&["ClientConfig", "https"]), "ring, http/1.1");
        assert!(handshake(&["http", "https"]).contains("install_default"));
    }
}
