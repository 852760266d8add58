// Locks the book when nobody has touched the phone for five minutes, or its screen was off for one; an open meeting keeps it
// unlocked (ruling 8).

const MINUTES = 5;
/** So long the program may be away, for a call or to choose a file. */
const AWAY_MINUTES = 1;

export interface Lock {
  /** Somebody touched the phone. */
  touch(): void;
  /** Look at the clock: lock when it is time, unless `isBusy` says that a meeting is open. */
  look(): Promise<void>;
  /** The program is no longer seen: the screen is off, or another program is on it. */
  left(): void;
  /** It is seen again: lock when it was away too long. */
  back(): Promise<void>;
}

export function lockAfter(told: { now: () => number; isBusy: () => Promise<boolean>; lock: () => unknown }): Lock {
  let touched = told.now();
  const touch = (): void => {
    touched = told.now();
  };
  const look = async (): Promise<void> => {
    if (told.now() - touched < MINUTES * 60_000) return;
    if (await told.isBusy()) return touch();
    await told.lock();
  };
  let gone: number | null = null;
  const left = (): void => {
    gone = told.now();
  };
  const back = async (): Promise<void> => {
    if (gone !== null && told.now() - gone >= AWAY_MINUTES * 60_000) touched = Math.min(touched, told.now() - MINUTES * 60_000);
    gone = null;
    await look();
  };
  return { touch, look, left, back };
}
