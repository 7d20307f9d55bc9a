/** Placeholder until folders are read. */
export async function expandManifestFiles(paths: readonly string[]): Promise<readonly string[]> {
  return paths
}
