import { DISK, type Disk } from '../../src/lib/output/disk.ts'

/**
 * A real disk that tells what is done with it, takes so many bytes a call, and, once it is full, nothing: as a disk or a
 * limit does that has room for a part of a write.
 */
export function faultyDisk({ perCall = Number.POSITIVE_INFINITY, room = Number.POSITIVE_INFINITY } = {}) {
  const calls: string[] = []
  const paths = new Map<number, string>()
  let left = room
  const pathOf = (fd: number) => paths.get(fd) ?? String(fd)
  const disk: Disk = {
    open: (path, flags, mode) => {
      const fd = DISK.open(path, flags, mode)
      paths.set(fd, path)
      return fd
    },
    write: (fd, bytes) => {
      if (left === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      const taken = DISK.write(fd, bytes.subarray(0, Math.min(perCall, left)))
      left -= taken
      if (calls.at(-1) !== `write ${pathOf(fd)}`) calls.push(`write ${pathOf(fd)}`)
      return taken
    },
    sync: (fd) => {
      calls.push(`sync ${pathOf(fd)}`)
      DISK.sync(fd)
    },
    close: DISK.close,
    rename: (from, to) => {
      calls.push(`rename ${from} ${to}`)
      DISK.rename(from, to)
    },
  }
  return { disk, calls }
}
