// Calls of the kernels' two libraries, read from standard input and answered on standard output, in a program for another
// processor. foreign_kernels.py beside this file writes them; all numbers are little-endian.
//
// A call: int32 of its function, of how many buffers and links; each buffer as int64 size, int64 "is written to", and its
// bytes; each link as three int64, holder, place, buffer: where in the holder the buffer's address goes, or, place -1 - i,
// that the buffer is the argument i (and its own holder); seven int64 arguments. The answer: int64 result, and the
// buffers that were written to.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

extern "C" {
void* lectern_open_pool(int);
void lectern_close_pool(void*);
int lectern_max_rows();
int64_t lectern_panels_bytes(int, int, int);
void lectern_pack(void*, const void*, const void*);
void lectern_run(void*, const void*, const void*);
void lectern_frame(void*, const void*, const void*, const void*);
int lectern_codec_panel();
void* lectern_codec_open(int);
void lectern_codec_close(void*);
void lectern_codec_run(void*, const void*, int, float*, const float*, int, float*);
int lectern_rows_are_independent();
}

namespace {

template <class T>
T pointer(int64_t value) {
    return (T)(intptr_t)value;
}

int64_t call(int number, const int64_t* a) {
    void* first = pointer<void*>(a[0]);
    switch (number) {
        case 0: return (intptr_t)lectern_open_pool((int)a[0]);
        case 1: return lectern_close_pool(first), 0;
        case 2: return lectern_max_rows();
        case 3: return lectern_panels_bytes((int)a[0], (int)a[1], (int)a[2]);
        case 4: return lectern_pack(first, pointer<void*>(a[1]), pointer<void*>(a[2])), 0;
        case 5: return lectern_run(first, pointer<void*>(a[1]), pointer<void*>(a[2])), 0;
        case 6: return lectern_frame(first, pointer<void*>(a[1]), pointer<void*>(a[2]), pointer<void*>(a[3])), 0;
        case 7: return lectern_codec_panel();
        case 8: return (intptr_t)lectern_codec_open((int)a[0]);
        case 9: return lectern_codec_close(first), 0;
        case 10:
            lectern_codec_run(first, pointer<void*>(a[1]), (int)a[2], pointer<float*>(a[3]), pointer<float*>(a[4]), (int)a[5],
                              pointer<float*>(a[6]));
            return 0;
        case 11: return lectern_rows_are_independent();
        default: std::abort();
    }
}

bool get(void* to, size_t n) { return n == 0 || std::fread(to, n, 1, stdin) == 1; }

void put(const void* from, size_t n) {
    if (n && std::fwrite(from, n, 1, stdout) != 1) std::exit(1);
}

// Aligned to 4 bytes and not to 8, as little as PyTorch and ctypes promise of floats; structures hold addresses and are.
struct Buffer {
    std::vector<char> room;
    int64_t size, is_written, shift = 4;
    char* at() { return (char*)(((uintptr_t)room.data() + 63) / 64 * 64 + shift); }
};

}  // namespace

int main() {
    for (int32_t counts[3]; get(counts, sizeof counts);) {
        std::vector<Buffer> buffers(counts[1]);
        for (Buffer& buffer : buffers) {
            int64_t head[2];
            if (!get(head, sizeof head)) return 1;
            buffer.size = head[0], buffer.is_written = head[1];
            buffer.room.resize(buffer.size + 128);
            if (!get(buffer.at(), buffer.size)) return 1;
        }
        std::vector<int64_t> links((size_t)counts[2] * 3);
        int64_t arguments[7];
        if (!get(links.data(), links.size() * 8) || !get(arguments, sizeof arguments)) return 1;
        for (size_t i = 0; i < links.size(); i += 3) {
            Buffer& holder = buffers[links[i]];
            if (links[i + 1] >= 0 && holder.shift) std::memmove(holder.at() - 4, holder.at(), holder.size), holder.shift = 0;
        }
        for (size_t i = 0; i < links.size(); i += 3) {
            const int64_t address = (intptr_t)buffers[links[i + 2]].at();
            if (links[i + 1] >= 0) std::memcpy(buffers[links[i]].at() + links[i + 1], &address, 8);
            else arguments[-1 - links[i + 1]] = address;
        }
        const int64_t result = call(counts[0], arguments);
        put(&result, 8);
        for (Buffer& buffer : buffers)
            if (buffer.is_written) put(buffer.at(), buffer.size);
        std::fflush(stdout);
    }
    return 0;
}
