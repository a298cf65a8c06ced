//! Round `gather`: the rows of one part of the order, sorted, into its shards; and what they hold, added up.

use crate::error::Result;
use crate::shard::{Digested, Format, Row, ShardWriter, TokenFiles, TokenWriter};
use crate::store::spill::{Records, read_records};
use crate::store::{Folder, NewFile};
use crate::tokens::Tokenizer;

use super::super::super::ledger::{Counts, Outcome};
use super::super::super::run::Build;
use super::super::{need_json, write_json};
use super::profile::{PROFILE, Profile, ShardFile};
use super::shares::{Shares, shares_path};
use super::{Moving, Shard};

/// A shard that is being written.
struct Open {
    path: String,
    /// Where its tokens lie, without the extension.
    beside: String,
    rows: ShardWriter<Digested<NewFile>>,
    tokens: Option<TokenWriter<NewFile>>,
}

impl Shard {
    fn profile_path(partition: usize) -> String {
        format!("work/shard/profile/{partition:05}")
    }

    /// Round 2: the shards of a part.
    pub(super) fn gather(&self, build: Build<'_>, partition: usize) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut shard: Option<Open> = None;
        let tokenizer = self.output.tokens.and(self.tokenizer.as_deref()).map(Tokenizer::new).transpose()?;
        let prefix = self.parts.prefix(partition);
        let (split, _) = self.parts.split(partition);
        let mut n_shards = 0;
        let mut profile = Profile::default();
        let mut shares = Shares::default();
        // Document and copy of the row before: what stays together is not parted.
        let mut last = None;
        for bin in self.parts.bins(partition) {
            let tasks = 0..self.layout.files.len();
            let records = tasks.map(|task| read_records(build.folder, &self.work(task), bin)).collect::<Result<Vec<_>>>()?;
            // Rows stay packed until they are written: unpacked, short ones would take twice the memory.
            let mut rows: Vec<&[u8]> = records.iter().flat_map(Records::iter).collect();
            rows.sort_unstable();
            for record in rows {
                let row = Moving::of_record(record)?;
                let is_full = shard.as_ref().is_some_and(|shard| self.output.shard_bytes <= shard.rows.bytes_so_far());
                if is_full && last != Some((row.key, row.copy)) {
                    self.close(build.folder, shard.take(), (&mut outcome, &mut profile))?;
                }
                last = Some((row.key, row.copy));
                let writer = match &mut shard {
                    Some(writer) => writer,
                    None => {
                        let opened = self.open(build.folder, &format!("{prefix}{n_shards:05}"), tokenizer.as_ref())?;
                        n_shards += 1;
                        shares.begin(&opened.path);
                        shard.insert(opened)
                    }
                };
                outcome.counts.bytes += row.text.len() as u64;
                profile.add(split, &row);
                shares.add(&row.source, row.tokens.unwrap_or(0));
                if let (Some(tokens), Some(tokenizer)) = (&mut writer.tokens, &tokenizer) {
                    tokens.push(&tokenizer.numbers(&row.text).unwrap_or_default())?;
                }
                writer.rows.write(&Row {
                    id: &row.id,
                    key: row.key,
                    source: &row.source,
                    url: row.url.as_deref(),
                    date: row.date.as_deref(),
                    title: row.title.as_deref(),
                    language: row.language.as_deref(),
                    language_probability: row.language_probability,
                    score: row.score,
                    tokens: row.tokens,
                    copy: row.copy,
                    text: &row.text,
                    extra: row.extra.as_deref(),
                })?;
            }
        }
        self.close(build.folder, shard.take(), (&mut outcome, &mut profile))?;
        if self.has.blend {
            outcome.files.push(shares.write(build.folder, &shares_path(partition))?);
        }
        outcome.work.push(write_json(build.folder, &Self::profile_path(partition), &profile)?);
        Ok(outcome)
    }

    /// What all shards hold.
    pub(super) fn profile(&self, build: Build<'_>) -> Result<Outcome> {
        let mut profile = Profile::default();
        for partition in 0..self.parts.n_parts() {
            profile.join(need_json(build.folder, &Self::profile_path(partition))?);
        }
        profile.finish();
        let files = vec![write_json(build.folder, PROFILE, &profile)?];
        Ok(Outcome { files, work: Vec::new(), counts: Counts::default() })
    }

    /// Opens a shard at a path that lacks its extension, and its token file.
    fn open(&self, folder: &Folder, stem: &str, tokenizer: Option<&Tokenizer>) -> Result<Open> {
        let path = format!("{stem}.{}", self.extension());
        let beside = stem.replacen("shards/", "tokens/", 1);
        let rows = ShardWriter::new(self.output.format, Digested::new(folder.create(&path)?))?;
        let tokens = tokenizer.and_then(Tokenizer::end_of_text).map(|(end, n_vocabulary)| {
            let file = folder.create(&format!("{beside}.bin"))?;
            Ok(TokenWriter::new(file, n_vocabulary, end))
        });
        let tokens = tokens.transpose()?;
        Ok(Open { path, beside, rows, tokens })
    }

    fn close(&self, folder: &Folder, shard: Option<Open>, (outcome, profile): (&mut Outcome, &mut Profile)) -> Result<()> {
        let Some(Open { path, beside, rows, tokens }) = shard else { return Ok(()) };
        let (file, n_rows) = rows.finish()?;
        let (file, sha256) = file.finish();
        let written = file.commit(n_rows)?;
        profile.shards.push(ShardFile { path, bytes: written.bytes, rows: n_rows, sha256 });
        outcome.files.push(written);
        if let Some(tokens) = tokens {
            if self.output.tokens == Some(TokenFiles::Megatron) {
                outcome.files.push(folder.write(&format!("{beside}.idx"), &tokens.index())?);
            }
            let n_rows = tokens.rows();
            outcome.files.push(tokens.into_inner().commit(n_rows)?);
        }
        Ok(())
    }

    fn extension(&self) -> &'static str {
        match self.output.format {
            Format::JsonlZst => "jsonl.zst",
            Format::Parquet => "parquet",
        }
    }
}
