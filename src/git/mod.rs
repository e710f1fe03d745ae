//! What version control says: who wrote a change, which files it touches, and how they were at a commit that is trusted.
