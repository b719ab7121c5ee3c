import { readFile, readdir, readlink } from 'node:fs/promises';

/** Linux counts CPU time for user space in hundredths, whatever its own clock (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;
const BYTES_PER_KIB = 1_024;
/** `0A` in /proc/net/tcp. */
const LISTENING = '0A';
/** Fields of /proc/<pid>/stat after the name of the program, which may itself hold spaces. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** CPU time of a process since it began, user and system, without its children. Throws when it is gone. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
}

/** The most memory that a process ever had in RAM. Throws when it is gone. */
export function peakBytesOf(pid: number): Promise<number> {
  return statusBytes(pid, 'VmHWM');
}

/** The memory that a process has in RAM. Throws when it is gone. */
export function residentBytesOf(pid: number): Promise<number> {
  return statusBytes(pid, 'VmRSS');
}

async function statusBytes(pid: number, name: 'VmHWM' | 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * BYTES_PER_KIB;
}

/** The process of this machine that listens on a TCP port; undefined when there is none that we may see. */
export async function listenerOf(port: number): Promise<number | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const sockets = new Set(tables.flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return undefined;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) if (await holdsOneOf(pid, sockets)) return Number(pid);
  return undefined;
}

/** Names of the sockets that listen on a port, as links of /proc/<pid>/fd have them. */
export function listeningSockets(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    return state === LISTENING && local.endsWith(suffix) ? [`socket:[${inode}]`] : [];
  });
}

async function holdsOneOf(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(
    names.map((name) => readlink(`${folder}/${name}`).catch(() => '')),
  );
  return links.some((link) => sockets.has(link));
}
