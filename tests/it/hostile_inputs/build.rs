//! A build over the whole folder.
