//! What a signal to us means for terraform.

#[cfg(unix)]
pub(super) use unix::Watch;

#[cfg(not(unix))]
pub(super) use elsewhere::Watch;

#[cfg(unix)]
mod unix {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::{Handle, Signals};
    use std::io;
    use std::process::{Child, Command, Stdio};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::thread::JoinHandle;
    use std::time::Duration;

    /// How long a signal to a group may take to reach all of it. `timeout` signals its child first, then the group.
    const SETTLES: Duration = Duration::from_millis(300);

    /// Takes signals while terraform runs.
    pub(in super::super) struct Watch {
        handle: Handle,
        thread: Option<JoinHandle<()>>,
        shared: Arc<Mutex<Shared>>,
        /// Whether signals do what they always do.
        mortal: Arc<AtomicBool>,
        outlives: AtomicBool,
    }

    #[derive(Default)]
    struct Shared {
        child: Option<Pid>,
        witness: Option<Child>,
        /// A signal came while there was no child, and did not end us: the next one gets it at once.
        early: bool,
        /// It was interrupted, by us or with us: nothing more is sent.
        interrupted: bool,
    }

    impl Watch {
        /// Handlers are not inherited by what we start, ignored signals are; so those that we were started with
        /// ignored (`nohup`, a background job) are left alone.
        pub(in super::super) fn new() -> io::Result<Watch> {
            let ignored = ignored();
            let taken = || {
                let all = [SIGINT, SIGQUIT, SIGTERM, SIGHUP].into_iter();
                all.filter(move |signal| ignored & bit(*signal) == 0)
            };
            let (mortal, shared) = (Arc::new(AtomicBool::new(true)), Arc::<Mutex<Shared>>::default());
            for signal in taken() {
                signal_hook::flag::register_conditional_default(signal, Arc::clone(&mortal))?;
            }
            let mut signals = Signals::new(taken())?;
            let (handle, theirs) = (signals.handle(), Arc::clone(&shared));
            let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
                for signal in signals.forever() {
                    // Ctrl-\ is meant to end it at once, and everything in the foreground has got it.
                    if signal != SIGQUIT {
                        received(signal, &theirs);
                    }
                }
            })?;
            Ok(Watch { handle, thread: Some(thread), shared, mortal, outlives: AtomicBool::new(false) })
        }

        /// No signal ends us from here on.
        pub(in super::super) fn outlive(&self) {
            self.outlives.store(true, Ordering::SeqCst);
            self.mortal.store(false, Ordering::SeqCst);
        }

        /// Before terraform is started.
        pub(in super::super) fn begin(&self) {
            self.mortal.store(false, Ordering::SeqCst);
            let mut shared = self.shared();
            *shared = Shared { witness: witness(), early: shared.early, ..Shared::default() };
        }

        /// Until the child has ended; it is not reaped, so its number is still its own.
        pub(in super::super) fn wait(&self, child: &Child) -> io::Result<()> {
            let Some(child) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return Ok(()) };
            let mut shared = self.shared();
            shared.child = Some(child);
            if std::mem::take(&mut shared.early) {
                send(&mut shared);
            }
            drop(shared);
            loop {
                match waitid(WaitId::Pid(child), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                    Err(rustix::io::Errno::INTR) => {}
                    done => return Ok(done.map(drop)?),
                }
            }
        }

        /// After it has ended, before it is reaped.
        pub(in super::super) fn end(&self) {
            let mut shared = self.shared();
            shared.child = None;
            let witness = shared.witness.take();
            drop(shared);
            self.mortal.store(!self.outlives.load(Ordering::SeqCst), Ordering::SeqCst);
            if let Some(mut witness) = witness {
                // Its input ends, and so does it.
                drop(witness.stdin.take());
                let _ = witness.wait();
            }
        }

        fn shared(&self) -> MutexGuard<'_, Shared> {
            self.shared.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            self.end();
            self.handle.close();
            if let Some(thread) = self.thread.take() {
                // It cannot have failed, and there would be nothing to do about it.
                let _ = thread.join();
            }
        }
    }

    fn received(signal: i32, shared: &Mutex<Shared>) {
        // Terraform does not hear SIGHUP, so who else got it does not matter.
        if signal != SIGHUP {
            std::thread::sleep(SETTLES);
        }
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        match shared.child {
            None => shared.early = true,
            Some(_) if shared.interrupted => {}
            Some(_) => {
                let alone = signal == SIGHUP
                    || match shared.witness.as_mut() {
                        Some(witness) => matches!(witness.try_wait(), Ok(None)),
                        // From a terminal, most likely.
                        None => signal != SIGINT,
                    };
                if alone {
                    send(&mut shared);
                }
                // Else it has got it as the witness has, which the signal ended.
                shared.interrupted = true;
            }
        }
    }

    /// The one SIGTERM that terraform gets from us.
    fn send(shared: &mut Shared) {
        shared.interrupted = true;
        if let Some(child) = shared.child {
            // It may have ended by itself.
            let _ = kill_process(child, Signal::TERM);
        }
    }

    /// A process in our group that ends with its input, so with us at the latest, or by the first signal.
    fn witness() -> Option<Child> {
        let mut command = Command::new("/bin/cat");
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().ok()
    }

    fn bit(signal: i32) -> u64 {
        u32::try_from(signal - 1).ok().and_then(|places| 1_u64.checked_shl(places)).unwrap_or_default()
    }

    /// The signals that are ignored, where there is a `/proc` to say so.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn bits_are_those_of_proc() {
            assert_eq!(bit(SIGHUP), 1);
            assert_eq!(bit(SIGTERM), 0x4000);
            assert_eq!(bit(0), 0);
            // Rust's runtime ignores SIGPIPE.
            assert!(!cfg!(target_os = "linux") || ignored() & bit(signal_hook::consts::SIGPIPE) != 0);
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    /// The console tells every process of a group by itself.
    pub(in super::super) struct Watch;

    impl Watch {
        pub(in super::super) fn new() -> std::io::Result<Watch> {
            Ok(Watch)
        }

        pub(in super::super) fn outlive(&self) {}

        pub(in super::super) fn begin(&self) {}

        pub(in super::super) fn wait(&self, _: &std::process::Child) -> std::io::Result<()> {
            Ok(())
        }

        pub(in super::super) fn end(&self) {}
    }
}
