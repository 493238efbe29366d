/** What an instance's fields may be, for everything that takes them from outside. */
export const MAX_NAME_LENGTH = 100;
export const LABEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/;
export const MAX_LABEL_LENGTH = 128;
export const MAX_LABELS = 32;
/** A week. */
export const MAX_IDLE_SECONDS = 7 * 24 * 60 * 60;
