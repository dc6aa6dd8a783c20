//! 恢复: a backup is taken for the database of a bureau only if it is that bureau's.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Restoring, Store, StoreError};

use crate::command_line;
use crate::output::Output;

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The copy cannot be used, or the disk refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy is another bureau's, or the other program's.
    #[error("{} belongs to {}, not to {own}", file.display(), whose(found.as_ref()))]
    Another {
        /// The file.
        file: PathBuf,
        /// Whose it is; `None` if it is the other program's and does not say.
        found: Option<RegionCode>,
        /// Whose data folder this is.
        own: RegionCode,
    },
}

fn whose(found: Option<&RegionCode>) -> String {
    found.map_or_else(|| "another bureau".to_owned(), ToString::to_string)
}

impl Say for RestoreError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Store(error) => error.say(lang),
            Self::Another { file, found, own } => {
                let found = found.as_ref().map_or_else(|| "其他单位".to_owned(), ToString::to_string);
                let zh = format!(
                    "{} 是 {found} 的数据库，而数据目录是 {own} 的，未作改动；请核对文件，或用 --data 换一个目录",
                    file.display()
                );
                let en = format!("{self}; nothing was changed; check the file, or give another folder with --data");
                lang.pick(&zh, &en).to_owned()
            }
        }
    }
}

/// What `restore` is told.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// backup 写出的文件
    #[arg(value_name = "文件")]
    pub file: PathBuf,
    /// 办理人
    #[arg(long, value_name = "姓名", default_value = "")]
    pub by: String,
}

/// Where the copy goes.
#[derive(Debug)]
pub struct Target<'a> {
    /// The address of the database.
    pub url: &'a str,
    /// Whose data folder it is.
    pub own: &'a RegionCode,
    /// When.
    pub at: Moment,
}

/// Copies a backup beside the database, makes sure that it is this bureau's, and enters the restoring into its log.
/// `ours` says whether a database is one of this program and not of the other. Nothing is changed until the copy is put
/// in its place.
///
/// # Errors
/// See [`RestoreError`].
pub async fn prepare(
    source: &Source,
    target: &Target<'_>,
    ours: impl AsyncFnOnce(&Store) -> bool,
) -> Result<Restoring, RestoreError> {
    let (Source { file, by }, Target { url, own, at }) = (source, target);
    let copy = Restoring::stage(url, file).await?;
    let prepared = async {
        let found = copy.store().whose().await?;
        if found.as_ref().is_some_and(|found| found != *own) || !ours(copy.store()).await {
            return Err(RestoreError::Another { file: file.clone(), found, own: (*own).clone() });
        }
        let name = file.to_string_lossy();
        let entry = command_line::entry(*at, by, "database_restore", own.as_str(), &name);
        copy.store().audit(&entry).await?;
        Ok(())
    };
    match prepared.await {
        Ok(()) => Ok(copy),
        Err(error) => {
            copy.give_up().await;
            Err(error)
        }
    }
}

/// What was restored, as both programs answer it.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// Whose database.
    pub region: RegionCode,
    /// The backup.
    pub file: PathBuf,
    /// Where the database that was there stands now; none if there was none.
    pub replaced: Option<PathBuf>,
}

impl Restored {
    /// Tells it to a person.
    ///
    /// # Errors
    /// The output does not take it.
    pub fn tell(&self, output: Output) -> io::Result<()> {
        let (region, file) = (&self.region, self.file.display());
        output.tell(output.pick(
            &format!("已用 {file} 恢复 {region} 的数据库"),
            &format!("the database of {region} is restored from {file}"),
        ))?;
        let Some(replaced) = &self.replaced else { return Ok(()) };
        let replaced = replaced.display();
        output.tell(output.pick(
            &format!("  原有数据库移到 {replaced}（未删除；要改回，同样用 restore 恢复它）"),
            &format!("  what was there stands at {replaced} (restore it likewise to go back)"),
        ))
    }
}
