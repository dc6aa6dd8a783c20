//! What has arrived of a transfer that is not complete yet, so that it goes on where it broke off, even after a
//! restart.

use tongpin_domain::catalog::CatalogId;

use crate::boxed;
use crate::catalog::catalog_id;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, fits, sql};

const STAGED: &str = "staged";

/// How far a transfer has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Which transfer.
    pub transfer_id: Vec<u8>,
    /// How many of its bytes are held, from the first on without a gap.
    pub bytes_have: u64,
}

pub(crate) async fn clear(tx: &mut Tx, id: &CatalogId) -> Result<(), StoreError> {
    let text = "DELETE FROM staged WHERE publisher = $1 AND catalog = $2";
    sql(STAGED, "clearing a transfer", text).shown(&id.publisher).text(&id.name).run(tx.connection()).await?;
    Ok(())
}

const HELD: &str = "SELECT publisher, catalog, transfer_id, CAST(SUM(piece_length) AS BIGINT) AS bytes_have \
    FROM staged \
    WHERE publisher = $1 AND catalog = $2 GROUP BY publisher, catalog, transfer_id";

impl Store {
    /// Keeps a piece of a transfer and returns how many bytes are held afterwards.
    ///
    /// A piece that does not begin exactly where the held bytes end is not written: the caller sees from the answer
    /// where to go on. Another transfer of the same catalog replaces what was held.
    #[boxed]
    pub async fn stage(
        &self,
        transfer_id: &[u8],
        id: &CatalogId,
        offset: u64,
        bytes: &[u8],
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&format!("staged {id}")).await?;
        let held = sql(STAGED, "reading a transfer", HELD).shown(&id.publisher).text(&id.name);
        let held = held.first(tx.connection()).await?;
        let mut have = 0;
        if let Some(line) = &held {
            if line.bytes("transfer_id")? == transfer_id {
                have = line.number("bytes_have")?;
            } else {
                clear(&mut tx, id).await?;
            }
        }
        if offset == have && !bytes.is_empty() {
            let text = "INSERT INTO staged (publisher, catalog, piece_offset, piece_length, transfer_id, bytes) \
                VALUES ($1, $2, $3, $4, $5, $6)";
            let piece = sql(STAGED, "keeping a piece", text).shown(&id.publisher).text(&id.name);
            let piece = piece.number(fits("offset", offset)?).number(bytes.len() as u64);
            piece.bytes(transfer_id).bytes(bytes).run(tx.connection()).await?;
            have = have.saturating_add(bytes.len() as u64);
        }
        tx.commit().await?;
        Ok(have)
    }

    /// How far the transfer of a catalog has come, if one is under way.
    #[boxed]
    pub async fn staged(&self, id: &CatalogId) -> Result<Option<Staged>, StoreError> {
        let held = sql(STAGED, "reading a transfer", HELD).shown(&id.publisher).text(&id.name);
        let line = held.first(&mut *self.reader().await?).await?;
        line.map(|line| Ok(Staged { transfer_id: line.bytes("transfer_id")?, bytes_have: line.number("bytes_have")? }))
            .transpose()
    }

    /// How far every transfer under way has come.
    #[boxed]
    pub async fn all_staged(&self) -> Result<Vec<(CatalogId, Staged)>, StoreError> {
        let text = "SELECT publisher, catalog, transfer_id, CAST(SUM(piece_length) AS BIGINT) AS bytes_have \
            FROM staged GROUP BY publisher, catalog, transfer_id ORDER BY publisher, catalog";
        let staged = |line: &Line| {
            let staged = Staged { transfer_id: line.bytes("transfer_id")?, bytes_have: line.number("bytes_have")? };
            Ok((catalog_id(line)?, staged))
        };
        sql(STAGED, "reading transfers", text).read(&mut *self.reader().await?, staged).await
    }

    /// All bytes held of a transfer.
    #[boxed]
    pub async fn staged_bytes(&self, transfer_id: &[u8]) -> Result<Vec<u8>, StoreError> {
        let text = "SELECT publisher, catalog, piece_offset, bytes FROM staged WHERE transfer_id = $1 \
            ORDER BY publisher, catalog, piece_offset";
        let query = sql(STAGED, "reading a transfer", text).bytes(transfer_id);
        let pieces = query.read(&mut *self.reader().await?, |line| line.bytes("bytes")).await?;
        Ok(pieces.concat())
    }

    /// Forgets what was held for a catalog.
    #[boxed]
    pub async fn clear_staged(&self, id: &CatalogId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        clear(&mut tx, id).await?;
        tx.commit().await
    }
}
