/** Where the live API is known to differ from its document, and why we side with the API. */
export const DEVIATIONS: readonly { pattern: RegExp; reason: string }[] = [
  {
    pattern: /^POST \/v1\/apps: answers 201 with a body/,
    reason: "Creating an app answers its id and time, as the documentation shows; we read neither.",
  },
  {
    pattern: /^POST \S+\/(start|stop|suspend): answers 200 with a body/,
    reason: 'Actions answer {"ok":true} or the previous state, as the documentation shows; we read neither.',
  },
  {
    pattern: /^DELETE \S+\/machines\/\S+: answers 200 with a body/,
    reason: 'Destroying a machine answers {"ok":true} at once and finishes later; we look until it is gone.',
  },
  {
    pattern: /^DELETE \/v1\/apps\/{app_name}: query force/,
    reason: "The documentation has ?force=true to stop and delete an app's machines at once.",
  },
  {
    pattern: /^POST \S+\/machines: 412 \/status must be equal to one of the allowed values/,
    reason: "The vendor's own client knows the status volume_placement_capacity, which the document lacks.",
  },
];
