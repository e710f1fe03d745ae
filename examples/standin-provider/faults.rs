//! Trouble on request: operations that fail and operations that take long.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// `STANDIN_FAIL` and `STANDIN_SLOW`, each a comma-separated list of `OPERATION TYPE` (and `=MILLISECONDS`).
pub struct Faults {
    fail: Vec<String>,
    slow: Vec<(String, Duration)>,
    stopped: AtomicBool,
}

impl Faults {
    pub fn parse(fail: &str, slow: &str) -> Result<Self, String> {
        let entries = |list: &str| -> Vec<String> {
            list.split(',').map(|entry| entry.trim().to_string()).filter(|entry| !entry.is_empty()).collect()
        };
        let mut delays = Vec::new();
        for entry in entries(slow) {
            let (operation, millis) = entry
                .split_once('=')
                .ok_or_else(|| format!("STANDIN_SLOW: {entry:?} says no milliseconds"))?;
            let millis = millis.trim().parse().map_err(|e| format!("STANDIN_SLOW: {entry:?}: {e}"))?;
            delays.push((operation.trim().to_string(), Duration::from_millis(millis)));
        }
        Ok(Self { fail: entries(fail), slow: delays, stopped: AtomicBool::new(false) })
    }

    /// Terraform was interrupted: real providers give up waiting, and so does this one.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Waits and fails as told. Runs before the operation, so a failed one has changed nothing.
    pub async fn before(&self, operation: &str, kind: &str) -> Result<(), String> {
        let this = format!("{operation} {kind}");
        let slices =
            self.slow.iter().filter(|(slow, _)| *slow == this).map(|(_, delay)| delay.as_millis() / 20);
        for _ in 0..slices.sum() {
            if self.stopped.load(Ordering::Relaxed) {
                return Err(format!("{this}: stopped before it began"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if self.fail.contains(&this) { Err(format!("{this}: told to fail")) } else { Ok(()) }
    }
}
