/**
 * The C text beside rpcgen's own that makes a server and a client of a `.x` file: both read a line a call, `ROW ARGUMENTS RESULT` in hex,
 * and decode it by rpcgen's XDR routines. The client calls, by TCP and UDP in turn; the server decodes the arguments, and answers with the
 * result. What travels is libtirpc's.
 */
import type { ProcedureDefinition, Specification, XdrType } from '../../src/xdr/model.js';
import { RefusedByRpcgen } from './rpcgen.js';

export interface RecorderRow {
  program: number;
  version: number;
  procedure: ProcedureDefinition;
}

/** The procedures of a file, in the order of its text: the rows that lines name. */
export function recorderRows({ programs }: Specification): RecorderRow[] {
  return programs.flatMap(({ number: program, versions }) =>
    versions.flatMap(({ number: version, procedures }) =>
      procedures.map((procedure) => ({ program, version, procedure })),
    ),
  );
}

export function recorderProgram(header: string, rows: readonly RecorderRow[]): string {
  return [
    PROLOGUE.replace('HEADER', header),
    ...rows.map(({ procedure }, index) =>
      codec(
        `args_${index}`,
        procedure.arguments.map(({ type }) => type),
      ),
    ),
    ...rows.map(({ procedure }, index) => codec(`result_${index}`, [procedure.result])),
    'static struct row rows[] = {',
    ...rows.map(
      ({ program, version, procedure: { number } }, index) =>
        `{ ${program}u, ${version}, ${number}, (xdrproc_t) args_${index}, (xdrproc_t) result_${index}, ` +
        `sizeof(struct args_${index}), sizeof(struct result_${index}) },`,
    ),
    '};',
    EPILOGUE,
  ].join('\n');
}

/** A function that reads or writes values one after the other, and the struct that holds them. */
function codec(name: string, types: readonly XdrType[]): string {
  const values = types.filter(({ kind }) => kind !== 'void').map(cType);
  const members = values.map(([type], i) => `${type} v${i};`);
  const calls = values.map(([, routine], i) => ` && ${routine}(xdrs, &p->v${i})`);
  return [
    `struct ${name} { ${members.join(' ')} char end; };`,
    `static bool_t ${name}(XDR *xdrs, struct ${name} *p) { return TRUE${calls.join('')}; }`,
  ].join('\n');
}

/** The C type, and the routine that reads and writes it. */
function cType(type: XdrType): [type: string, routine: string] {
  switch (type.kind) {
    case 'named':
      return [type.definition.name, `xdr_${type.definition.name}`];
    case 'int':
      return ['int', 'xdr_int'];
    case 'unsigned':
      return ['u_int', 'xdr_u_int'];
    case 'hyper':
      return ['int64_t', 'xdr_int64_t'];
    case 'unsignedHyper':
      return ['uint64_t', 'xdr_uint64_t'];
    case 'bool':
      return ['bool_t', 'xdr_bool'];
    case 'float':
    case 'double':
      return [type.kind, `xdr_${type.kind}`];
    case 'string':
      return ['char *', 'xdr_wrapstring'];
    default:
      throw new RefusedByRpcgen(`rpcgen has no ${type.kind} in a procedure`);
  }
}

const PROLOGUE = `#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "HEADER"
#undef timeval

/* The default of 8800 bytes is less than some results have. */
enum { SIZE = 60000 };

struct row { u_long program, version, procedure; xdrproc_t args, result; size_t args_size, result_size; };`;

const EPILOGUE = `
static char line[1 << 20];
static void *results[4096];

static void *decode(char **hex, xdrproc_t routine, size_t size) {
  char bytes[1 << 16];
  u_int n = 0;
  unsigned byte;
  XDR xdrs;
  void *p = calloc(1, size + 8);
  while (**hex == ' ') (*hex)++;
  for (; sscanf(*hex, "%2x", &byte) == 1 && **hex != ' '; *hex += 2) bytes[n++] = byte;
  if (**hex == '-') (*hex)++;
  xdrmem_create(&xdrs, bytes, n, XDR_DECODE);
  if (!routine(&xdrs, p) || xdr_getpos(&xdrs) != n) { fprintf(stderr, "refused: %s\\n", line); exit(1); }
  return p;
}

static void dispatch(struct svc_req *request, SVCXPRT *transport) {
  for (u_int i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct row *row = rows + i;
    if (row->program != request->rq_prog || row->version != request->rq_vers || row->procedure != request->rq_proc) continue;
    void *args = calloc(1, row->args_size + 8);
    if (!svc_getargs(transport, row->args, args)) { svcerr_decode(transport); return; }
    if (!svc_sendreply(transport, row->result, results[i])) fprintf(stderr, "not sent: row %u\\n", i);
    return;
  }
  svcerr_noproc(transport);
}

static int bound(int type, struct sockaddr_in *address) {
  int one = 1, s = socket(AF_INET, type, 0);
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(s, (struct sockaddr *) address, sizeof *address) < 0) { perror("bind"); exit(1); }
  if (type == SOCK_STREAM) listen(s, 8);
  return s;
}

static void serve(struct sockaddr_in *address) {
  SVCXPRT *transports[] = { svctcp_create(bound(SOCK_STREAM, address), 0, 0), svcudp_bufcreate(bound(SOCK_DGRAM, address), SIZE, SIZE) };
  for (u_int i = 0; i < sizeof rows / sizeof *rows; i++)
    for (int t = 0; t < 2; t++) svc_register(transports[t], rows[i].program, rows[i].version, dispatch, 0);
  printf("ready\\n");
  fflush(stdout);
  svc_run();
}

static void ask(struct sockaddr_in *address, struct row *row, void *args, int number) {
  struct timeval wait = { 2, 0 };
  int s = RPC_ANYSOCK;
  gid_t groups[] = { 100, 1000 };
  CLIENT *client = number % 2 ? clntudp_bufcreate(address, row->program, row->version, wait, &s, SIZE, SIZE)
                              : clnttcp_create(address, row->program, row->version, &s, 0, 0);
  if (!client) { clnt_pcreateerror("client"); exit(1); }
  client->cl_auth = authunix_create("recorder", 1000, 100, 2, groups);
  void *result = calloc(1, row->result_size + 8);
  enum clnt_stat status = clnt_call(client, row->procedure, row->args, args, row->result, result, wait);
  if (status != RPC_SUCCESS) { clnt_perrno(status); fprintf(stderr, " %lu.%lu.%lu\\n", row->program, row->version, row->procedure); exit(1); }
  clnt_destroy(client);
}

int main(int argc, char **argv) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(40500) };
  inet_aton("127.0.0.1", &address.sin_addr);
  int is_server = !strcmp(argv[1], "serve");
  for (int number = 0; fgets(line, sizeof line, stdin); number++) {
    char *hex;
    struct row *row = rows + strtol(line, &hex, 10);
    void *args = decode(&hex, row->args, row->args_size);
    void *result = decode(&hex, row->result, row->result_size);
    if (is_server) results[row - rows] = result;
    else ask(&address, row, args, number);
  }
  if (is_server) serve(&address);
  return 0;
}
`;
