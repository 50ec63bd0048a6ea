#!/bin/sh
# Writes the frames in which tshark has each field of the tables of names (dissectors/*/*.wireshark), as fixtures/opinion/names.tsv: capture,
# name, frames. Needs tshark (made with 4.0.17); the tests do not.
set -eu
cd "$(dirname "$0")/../.."
names=$({
  tshark -G fields 2>/dev/null | awk -F'\t' '$1 == "F" { print $3 }' | sort -u
  sed -n 's/^\([a-z][^ ]*\.[^ ]*\) .*/\1/p' dissectors/*/*.wireshark | sort -u
} | sort | uniq -d)
for capture in nfs2/allprocs nfs3/locks-quota nfs3/allprocs-start nfs4/client-4.2 nfsacl/rpcgen mount/showmount rpcbind/loopback \
  ypserv/nis-yp vxi11/rpcgen gluster/lo; do
  # shellcheck disable=SC2046
  WIRESHARK_CONFIG_DIR=/nonexistent tshark -n -r "fixtures/captures/$capture.pcap" -Y rpc -T fields -E occurrence=f -e frame.number \
    $(echo "$names" | sed 's/^/-e /') -o rpc.dissect_unknown_programs:TRUE -o tcp.reassemble_out_of_order:TRUE \
    -o tcp.try_heuristic_first:TRUE -o udp.try_heuristic_first:TRUE 2>/dev/null |
    awk -F'\t' -v capture="$capture" -v names="$(echo "$names" | tr '\n' ' ')" '
      BEGIN { split(names, name, " ") }
      { for (i = 2; i <= NF; i++) if ($i != "") frames[i] = frames[i] " " $1 }
      END { for (i in frames) print capture "\t" name[i - 1] "\t" substr(frames[i], 2) }' | sort
done >fixtures/opinion/names.tsv
