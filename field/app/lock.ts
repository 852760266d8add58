// Locks the book when nobody has touched the phone for five minutes; an open meeting keeps it unlocked (ruling 8).

const MINUTES = 5;

export interface Lock {
  /** Somebody touched the phone. */
  touch(): void;
  /** Look at the clock: lock when it is time, unless `isBusy` says that a meeting is open. */
  look(): Promise<void>;
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
  return { touch, look };
}
