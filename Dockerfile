# All that the local cloud and its tests need, so that nobody has to install it: CONTRIBUTING.md, "In a container".
# Debian 13 has the Python that the functions run on (3.13), Node 20, Java 21, FFmpeg and Chromium; Google's repository has the emulators.
FROM debian:13.2-slim

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8

# hadolint ignore=DL3008 # Debian's security updates are worth more than the same bytes at each build; Python and npm packages are locked
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates chromium curl default-jre-headless ffmpeg fonts-dejavu-core git make nodejs npm procps python3 python3-venv \
 && curl -fsSL https://packages.cloud.google.com/apt/doc/apt-key.gpg -o /usr/share/keyrings/cloud.google.asc \
 && echo "deb [signed-by=/usr/share/keyrings/cloud.google.asc] https://packages.cloud.google.com/apt cloud-sdk main" \
      >/etc/apt/sources.list.d/google-cloud-sdk.list \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      google-cloud-cli google-cloud-cli-firestore-emulator google-cloud-cli-pubsub-emulator \
 && rm -rf /var/lib/apt/lists/*

# Not root: Chromium keeps its sandbox, and files in a mounted checkout stay the first user's of the machine.
RUN useradd --create-home --uid 1000 --shell /bin/bash reelgate
USER 1000
WORKDIR /work

# The checkout is mounted at /work; nothing of it is in the image.
CMD ["./emulator.sh", "up"]
