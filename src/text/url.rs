//! URLs as the recipe compares them: normalised form, host and registered domain.
