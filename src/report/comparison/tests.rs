//! The outputs of a comparison, whole.
