/* Stands in for the frozen program where the set-up is tested: it does what the set-up
 * asks of it and nothing else. One source, two programs: with and without a console.
 *
 *   run --at-login          is there until it is asked to end
 *   quit --unless-in-call   asks it; refuses while there is a file "in-call" in TEMP
 *   self-test               fails where a file "broken" lies beside it
 *   team join               writes how long the code is that it was handed
 */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define RUNNING "Local\\screenpop-stub-running"
#define QUIT "Local\\screenpop-stub-quit"

static int exists_beside(const char *name)
{
    char path[MAX_PATH];
    GetModuleFileNameA(NULL, path, MAX_PATH);
    strcpy(strrchr(path, '\\') + 1, name);
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static int in_temp(char *path, const char *name)
{
    GetTempPathA(MAX_PATH, path);
    strcat(path, name);
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static int be_there(void)
{
    HANDLE quit = CreateEventA(NULL, TRUE, FALSE, QUIT);
    CreateMutexA(NULL, TRUE, RUNNING);
    return WaitForSingleObject(quit, 120000) == WAIT_OBJECT_0 ? 0 : 1;
}

static int end_it(void)
{
    char path[MAX_PATH];
    HANDLE running = OpenMutexA(SYNCHRONIZE, FALSE, RUNNING), quit;
    if (!running) {
        puts("screenpop is not running");
        return 0;
    }
    if (in_temp(path, "in-call")) {
        fputs("screenpop: screenpop is in a call. Try again later.\n", stderr);
        return 1;
    }
    quit = OpenEventA(EVENT_MODIFY_STATE, FALSE, QUIT);
    SetEvent(quit);
    WaitForSingleObject(running, 15000);
    puts("screenpop has ended");
    return 0;
}

static int join_team(void)
{
    char code[512], path[MAX_PATH];
    DWORD length = GetEnvironmentVariableA("SCREENPOP_TEAM_CODE", code, sizeof code);
    FILE *file;
    in_temp(path, "joined");
    file = fopen(path, "w");
    fprintf(file, "%lu %s", length, strchr(code, '#') ? "whole" : "cut");
    fclose(file);
    return in_temp(path, "refuse-code") ? 1 : 0;
}

int main(int count, char **words)
{
    const char *verb = count > 1 ? words[1] : "run";
    if (!strcmp(verb, "run"))
        return be_there();
    if (!strcmp(verb, "quit"))
        return end_it();
    if (!strcmp(verb, "self-test"))
        return exists_beside("broken") ? 1 : 0;
    if (!strcmp(verb, "team"))
        return join_team();
    return 2;
}
