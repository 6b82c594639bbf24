/** One run of the sweep. */
export interface Run {
  /** When the schedule started it. */
  readonly now: Date;
  /** Returns whether there is time for one more step: an entry or a page of entries. */
  readonly hasTime: () => boolean;
}
