/**
 * How the storage API says no: a status and `{code, message}`, which the SDK turns into an error.
 */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { name: 'Refusal', status, code });
  }

  get body() {
    return { code: this.code, message: this.message };
  }
}

export const invalid = (code, message) => new Refusal(400, code, message);
