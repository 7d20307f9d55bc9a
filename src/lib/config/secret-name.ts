/** Names of fields and parameters whose values are secrets wherever people write them. */
const SECRET_NAME =
  /^(password|passwd|passwort|pwd|secret|client_?secret|token|access_?token|api_?key|apikey|private_?key|authorization|cookie)$/i

/** Whether what stands under a name is a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name)
