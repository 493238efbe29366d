/** What the provider knows: its keys and the people who have an account with it. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { JWK } from "oidc-provider";
import { JsonFile, loadJson } from "../json-file.ts";

export interface Person {
  /** Theirs for good, whatever becomes of the rest. */
  subject: string;
  email: string;
  isVerified: boolean;
  name: string;
}

interface Records {
  /** Private halves; the first signs. */
  keys: JWK[];
  cookieKey: string;
  people: Person[];
}

/** Who is there from the beginning: the owner of what the command line makes, and somebody to give it to. */
const FIRST = [
  { email: "you@localhost", name: "You" },
  { email: "ada@localhost", name: "Ada" },
];

export class OpenidRecords {
  private readonly records: Records;
  private readonly file: JsonFile;

  constructor(dir: string, onError: (error: unknown) => void) {
    const path = join(dir, "openid.json");
    const none: Records = { keys: [], cookieKey: randomBytes(32).toString("base64url"), people: [] };
    this.records = loadJson(path, none);
    this.file = new JsonFile(path, () => this.records, onError);
    if (this.records.keys.length === 0) this.records.keys = [newKey()];
    for (const { email, name } of FIRST) this.personOf(email, name);
    this.file.changed();
  }

  get keys(): JWK[] {
    return this.records.keys;
  }

  get cookieKey(): string {
    return this.records.cookieKey;
  }

  get people(): Person[] {
    return this.records.people;
  }

  /** A new key signs from now on; the one before it is published for a while longer, unless it has leaked. */
  rotate(former: "keep" | "drop"): void {
    this.records.keys = [newKey(), ...(former === "keep" ? this.records.keys.slice(0, 1) : [])];
    this.file.changed();
  }

  find(subject: string): Person | undefined {
    return this.records.people.find((person) => person.subject === subject);
  }

  /** Whoever has this email, made where there is nobody. */
  personOf(email: string, name = email.split("@")[0] ?? email): Person {
    const known = this.records.people.find((person) => person.email === email);
    if (known) return known;
    const person = { subject: randomBytes(12).toString("hex"), email, isVerified: true, name };
    this.records.people.push(person);
    this.file.changed();
    return person;
  }

  change(person: Person, to: Partial<Pick<Person, "email" | "isVerified" | "name">>): void {
    Object.assign(person, to);
    this.file.changed();
  }

  saved(): Promise<void> {
    return this.file.saved();
  }
}

function newKey(): JWK {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  return { ...jwk, kid: randomBytes(8).toString("hex"), use: "sig", alg: "RS256" } as JWK;
}
