//! Room for files: what those being received and those being looked through may take together, in the whole process.
//! Who finds none waits a little; then they hear that others are at it, and nothing has been taken from anybody.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tongpin_domain::lang::{Lang, Say};

/// What is counted at once, bytes.
const UNIT: u64 = 1024;
/// What files that are being received may take together, units: four of the largest, and what goes around them.
const RECEIVED: u32 = 96 * 1024;
/// What tables that are being looked through may take together, units. A larger one has it all to itself.
const LOOKED_THROUGH: u32 = 256 * 1024;
/// How long somebody waits for room.
const WAITS: Duration = Duration::from_secs(30);

static RECEIVING: Semaphore = Semaphore::const_new(RECEIVED as usize);
static LOOKING: Semaphore = Semaphore::const_new(LOOKED_THROUGH as usize);

/// Room that somebody has; given back when it is dropped.
#[derive(Debug)]
pub struct Room(#[expect(dead_code, reason = "it is held, not looked at")] SemaphorePermit<'static>);

/// There is no room now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no room for another file now")]
pub struct Busy;

impl Say for Busy {
    fn say(&self, lang: Lang) -> String {
        let zh = "系统正在处理其他人上传的文件，没有导入；请一分钟后再试";
        lang.pick(zh, "other files are being looked through and nothing was imported; try again in a minute").to_owned()
    }
}

impl Room {
    /// Room to receive a file of so many bytes.
    ///
    /// # Errors
    /// There is none for a while.
    pub async fn to_receive(bytes: u64) -> Result<Self, Busy> {
        Self::of(&RECEIVING, RECEIVED, bytes).await
    }

    /// Room to look through a table that takes so many bytes of memory.
    ///
    /// # Errors
    /// There is none for a while.
    pub async fn to_look_through(bytes: u64) -> Result<Self, Busy> {
        Self::of(&LOOKING, LOOKED_THROUGH, bytes).await
    }

    async fn of(all: &'static Semaphore, most: u32, bytes: u64) -> Result<Self, Busy> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(most).clamp(1, most);
        match timeout(WAITS, all.acquire_many(units)).await {
            Ok(Ok(permit)) => Ok(Self(permit)),
            _ => Err(Busy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table that would take more than there is has it all to itself; whoever waits too long hears it, and when it is
    /// done there is room again.
    #[tokio::test(start_paused = true)]
    async fn one_after_another() {
        let first = Room::to_look_through(u64::MAX).await.expect("nobody else is there");
        assert_eq!(Room::to_look_through(1).await.err(), Some(Busy));
        assert!(Busy.say(Lang::Zh).contains("请一分钟后再试"));
        drop(first);
        let half = u64::from(LOOKED_THROUGH) * UNIT / 2;
        let both = (Room::to_look_through(half).await.expect("room"), Room::to_look_through(half).await.expect("room"));
        assert!(Room::to_look_through(1).await.is_err());
        drop(both);
        assert!(Room::to_look_through(1).await.is_ok());
    }
}
